-- RSET in the middle of a mail, then two more in the same connection, the same mail twice.
dofile(library)

local connection = session()
mail(connection, "rechnung@lieferant.example")
rcpt(connection, open)
data(connection)
headers(connection, "rechnung@lieferant.example", "given up")
must(mt.abort(connection), "abort")

for _ = 1, 2 do
    mail(connection, "rechnung@lieferant.example")
    rcpt(connection, open)
    data(connection)
    headers(connection, "rechnung@lieferant.example", "again")
    body(connection, pdf)
    finish(connection, SMFIR_DISCARD)
end
mt.disconnect(connection)
