-- An address that is not there is refused at RCPT; the other recipient's mail goes its way, kwit sees no more of it.
dofile(library)

local connection = session()
mail(connection, "rechnung@lieferant.example")
rcpt(connection, "nobody@in.example.com", SMFIR_REPLYCODE)
rcpt(connection, "boss@example.com")
data(connection, SMFIR_ACCEPT)
mt.disconnect(connection)
