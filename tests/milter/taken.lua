-- A supplier's mail to the open address is filed, and the MTA is done with it.
dofile(library)

local connection = session()
if not mt.test_action(connection, SMFIF_DELRCPT) then error("it does not ask to remove recipients") end
if mt.test_action(connection, SMFIF_CHGBODY) then error("it asks to change mails") end
mail(connection, "rechnung@lieferant.example")
rcpt(connection, open)
data(connection)
headers(connection, "rechnung@lieferant.example", "taken")
body(connection, pdf)
finish(connection, SMFIR_DISCARD)
mt.disconnect(connection)
