-- A registered sender who is logged in mails to the tagged address.
dofile(library)

local connection = session()
mail(connection, "anna@kunde.example", "anna@kunde.example")
rcpt(connection, tagged)
data(connection)
headers(connection, "anna@kunde.example", "[FZ] 11/2024 (932498)")
body(connection, pdf)
finish(connection, SMFIR_DISCARD)
mt.disconnect(connection)
