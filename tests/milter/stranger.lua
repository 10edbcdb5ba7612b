-- Nobody vouches for this sender: refused at the end of headers, before the body is sent.
dofile(library)

local connection = session()
mail(connection, "anna@kunde.example")
rcpt(connection, tagged)
data(connection)
headers(connection, "anna@kunde.example", "[FZ] 11/2024 (932498)", SMFIR_REPLYCODE)
mt.disconnect(connection)
