-- No document in it: the sender is told in SMTP, as this office wants it.
dofile(library)

local connection = session()
mail(connection, "anna@kunde.example", "anna@kunde.example")
rcpt(connection, tagged)
data(connection)
headers(connection, "anna@kunde.example", "[FZ] 11/2024 (932498)")
must(mt.bodystring(connection, "--b\r\nContent-Type: text/plain\r\n\r\nI forgot it.\r\n--b--\r\n"), "body")
finish(connection, SMFIR_REPLYCODE)
mt.disconnect(connection)
