/// The OpenAPI 3.1 documents of the services, as bytes of YAML; each service's contract adds its own.
package enum OpenAPIDocument {}
