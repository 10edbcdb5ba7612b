-- The MTA dies before the end of the mail.
dofile(library)

local connection = session()
mail(connection, "rechnung@lieferant.example")
rcpt(connection, open)
data(connection)
headers(connection, "rechnung@lieferant.example", "abrupt")
body(connection, pdf)
mt.disconnect(connection, false)
