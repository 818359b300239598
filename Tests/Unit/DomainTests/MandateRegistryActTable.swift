/// What `mayAct` answers: actor | case | to open the dossier | change contact | view social statute | view accreditation.
enum MandateRegistryActTable {
    static let golden = """
        """
}
