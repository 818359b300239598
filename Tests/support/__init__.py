"""What the Python tests share: the environment under test, people to sign in, and two kinds of browser."""
