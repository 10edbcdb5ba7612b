-- What every script begins with: miltertest -s SCRIPT -D socket=unix:PATH -D ours=ADDRESS … (tests/postfix/test_miltertest.py)

local names = {}
for name, value in pairs(_G) do
    if string.find(name, "^SMFIR_") then names[value] = name end
end

-- What went wrong ends the script, and miltertest with it.
function must(said, what)
    if said ~= nil then error(what .. ": " .. said) end
end

function answered(connection, wanted, what)
    local reply = mt.getreply(connection)
    if reply ~= wanted then
        error(what .. " was answered " .. tostring(names[reply] or reply) .. " and not " .. tostring(names[wanted]))
    end
end

-- A connection of a client; actions and steps of the MTA as it pleases.
function session(version, actions, steps)
    local connection = mt.connect(socket, 40, 0.05)
    if connection == nil then error("cannot connect to " .. socket) end
    must(mt.negotiate(connection, version, actions, steps), "negotiation")
    must(mt.conninfo(connection, "client.example", "192.0.2.7"), "connect")
    must(mt.helo(connection, "client.example"), "HELO")
    return connection
end

function mail(connection, sender, login)
    if login then
        mt.macro(connection, SMFIC_MAIL, "{mail_addr}", sender, "{auth_type}", "plain", "{auth_authen}", login)
    else
        mt.macro(connection, SMFIC_MAIL, "{mail_addr}", sender)
    end
    must(mt.mailfrom(connection, "<" .. sender .. ">"), "MAIL")
end

function rcpt(connection, recipient, wanted)
    mt.macro(connection, SMFIC_RCPT, "{rcpt_addr}", recipient)
    must(mt.rcptto(connection, "<" .. recipient .. ">"), "RCPT")
    answered(connection, wanted or SMFIR_CONTINUE, "RCPT " .. recipient)
end

function data(connection, wanted)
    must(mt.data(connection), "DATA")
    answered(connection, wanted or SMFIR_CONTINUE, "DATA")
end

-- The headers of a mail with one file, and their end.
function headers(connection, sender, subject, wanted)
    local lines = {{"From", sender}, {"To", "someone@in.example.com"}, {"Subject", subject},
        {"Date", "Sat, 14 Nov 2026 10:00:00 +0100"}, {"Message-ID", "<" .. subject .. "@client.example>"},
        {"MIME-Version", "1.0"}, {"Content-Type", "multipart/mixed; boundary=b"}}
    for _, line in ipairs(lines) do
        -- with the leading space, as it was negotiated
        must(mt.header(connection, line[1], " " .. line[2]), line[1])
    end
    must(mt.eoh(connection), "end of headers")
    answered(connection, wanted or SMFIR_CONTINUE, "the end of headers")
end

-- The body: a text, and the file of this name as it is.
function body(connection, file)
    must(mt.bodystring(connection, "--b\r\nContent-Type: text/plain\r\n\r\nW zalaczeniu.\r\n--b\r\n"), "body")
    must(mt.bodystring(connection, "Content-Type: application/pdf; name=faktura.pdf\r\nContent-Transfer-Encoding: binary\r\n"
        .. "Content-Disposition: attachment; filename=faktura.pdf\r\n\r\n"), "body")
    must(mt.bodyfile(connection, file), "the file")
    must(mt.bodystring(connection, "\r\n--b--\r\n"), "body")
    answered(connection, SMFIR_CONTINUE, "the body")
end

function finish(connection, wanted)
    must(mt.eom(connection), "end of message")
    answered(connection, wanted, "the end of message")
end
