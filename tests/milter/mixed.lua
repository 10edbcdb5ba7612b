-- A mail for us and for others: filed, our recipient is taken out, the others get theirs.
dofile(library)

local connection = session()
mail(connection, "rechnung@lieferant.example")
rcpt(connection, "boss@example.com")
rcpt(connection, open)
data(connection)
headers(connection, "rechnung@lieferant.example", "mixed")
body(connection, pdf)
finish(connection, SMFIR_CONTINUE)
if not mt.eom_check(connection, MT_RCPTDELETE, "<" .. open .. ">") then error("our recipient was not taken out") end
if mt.eom_check(connection, MT_RCPTDELETE, "<boss@example.com>") then error("another recipient was taken out") end
if mt.eom_check(connection, MT_BODYCHANGE) or mt.eom_check(connection, MT_HDRADD) then error("the mail was changed") end
mt.disconnect(connection)
