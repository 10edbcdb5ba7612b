#include "core/archive/recipe.hh"

#include "core/base/base64.hh"
#include "core/base/json.hh"
#include "tests/unit/archive/world.hh"

#include <map>

namespace kwit {

namespace {

std::string noise(std::size_t size) {
    std::string out;
    std::uint32_t state = 17;
    while (out.size() < size) {
        state = state * 1664525U + 1013904223U;
        out += static_cast<char>(state >> 24U);
    }
    return out;
}

std::string in_lines(std::string_view content, std::size_t line, std::string_view end = "\r\n") {
    std::string characters;
    append_base64(as_bytes(content), characters);
    std::string out;
    for (std::size_t at = 0; at < characters.size(); at += line) {
        if (at > 0) out += end;
        out += characters.substr(at, line);
    }
    return out;
}

/// Mails are put together here: text, and encoded documents whose places are remembered.
class Mail {
public:
    void text(std::string_view bytes) { raw_ += bytes; }

    void document(const std::string& content, std::string_view encoded) {
        const TempFile file = written(content);
        contents_.push_back(*file.reader());
        const Digest digest(sha256(content));
        objects_[digest] = content;
        places_.push_back({raw_.size(), raw_.size() + encoded.size(), digest, nullptr});
        raw_ += encoded;
    }

    Result<std::optional<Recipe>> recipe() {
        for (std::size_t i = 0; i < places_.size(); ++i)
            places_[i].content = &contents_[i];
        const TempFile file = written(raw_);
        return find_recipe(*file.reader(), places_);
    }

    std::string rebuilt(const Recipe& recipe) {
        std::string out;
        const auto done = rebuild(
            recipe,
            Digest(sha256(raw_)),
            [&](const Digest& digest) -> Result<File> {
                return written(objects_.at(digest)).reader();
            },
            [&](Bytes bytes) -> Result<void> {
                out += as_text(bytes);
                return {};
            }
        );
        return done ? out : test::told(done.error());
    }

    const std::string& raw() const { return raw_; }

    std::map<Digest, std::string>& objects() { return objects_; }

private:
    TempFile written(std::string_view bytes) {
        TempFile file = *TempFile::create(dir_.path());
        REQUIRE_GOOD(file.write(as_bytes(bytes)));
        return file;
    }

    test::TempDir dir_{};
    std::string raw_{};
    std::vector<Stretch> places_{};
    std::vector<File> contents_{};
    std::map<Digest, std::string> objects_{};
};

std::uint64_t literal_bytes(const Recipe& recipe) {
    std::uint64_t count = 0;
    for (const RecipePiece& piece : recipe.pieces)
        if (const auto* const bytes = std::get_if<std::string>(&piece)) count += bytes->size();
    return count;
}

const std::string head = "From: a@b.example\r\nContent-Type: application/pdf\r\n\r\n";

} // namespace

TEST_SUITE("archive/recipe") {
    TEST_CASE("a document in base64 of one line length is kept as the name of its object") {
        struct Case {
            std::string_view label;
            std::size_t size;
            std::size_t line;
        };

        for (const Case& c : {
                 Case{"the usual lines", 200'000, 76},
                 Case{"short ones", 10'000, 60},
                 Case{"the longest", 10'000, 996},
                 Case{"of four characters", 1'000, 4},
                 Case{"less than a line", 600, 996},
                 Case{"one byte into the last group", 57 * 1000 + 1, 76},
                 Case{"two bytes into the last group", 57 * 1000 + 2, 76},
                 Case{"whole lines", 57 * 1000, 76},
                 Case{"one buffer of lines", 57 * (65536 / 57), 76},
                 Case{"one buffer of lines and a byte", 57 * (65536 / 57) + 1, 76},
             }) {
            CAPTURE(c.label);
            Mail mail;
            const std::string content = noise(c.size);
            mail.text(head);
            mail.document(content, in_lines(content, c.line));
            mail.text("\r\n--b--\r\n");
            const auto recipe = mail.recipe();
            REQUIRE_GOOD(recipe);
            REQUIRE(recipe->has_value());
            CHECK((*recipe)->pieces.size() == 3);
            CHECK(literal_bytes(**recipe) == head.size() + 9);
            CHECK(mail.rebuilt(**recipe) == mail.raw());
        }
    }

    TEST_CASE("what does not encode back stays as it is, and so does the mail without a document") {
        const std::string content = noise(3000);
        const std::string usual = in_lines(content, 76);
        std::string junk = usual;
        junk[100] = '!';
        std::string other_case = usual;
        other_case[500] = other_case[500] == 'A' ? 'B' : 'A';
        for (const auto& [label, encoded] : std::map<std::string, std::string>{
                 {"bare line feeds", in_lines(content, 76, "\n")},
                 {"a blank before line ends", in_lines(content, 76, " \r\n")},
                 {"an empty line", usual.substr(0, 78) + "\r\n" + usual.substr(78)},
                 {"lines that are no groups", in_lines(content, 75)},
                 {"longer than a line may be", in_lines(content, 1000)},
                 {"junk", junk},
                 {"another character", other_case},
                 {"cut short", usual.substr(0, usual.size() - 1)},
                 {"nothing", ""},
             }) {
            CAPTURE(label);
            Mail mail;
            mail.text(head);
            mail.document(content, encoded);
            mail.text("\r\n--b--\r\n");
            const auto recipe = mail.recipe();
            REQUIRE_GOOD(recipe);
            CHECK_FALSE(recipe->has_value());
        }
    }

    TEST_CASE("line ends behind the last line, and bytes as they are, encode back too") {
        Mail mail;
        const std::string content = noise(3001);
        mail.text(head);
        mail.document(content, in_lines(content, 76) + "\r\n\r\n");
        mail.text("--b\r\n\r\n");
        const std::string plain = "<Invoice>" + std::string(5000, 'x') + "</Invoice>";
        mail.document(plain, plain);
        mail.text("\r\n--b--\r\n");
        const auto recipe = mail.recipe();
        REQUIRE_GOOD(recipe);
        REQUIRE(recipe->has_value());
        CHECK(std::get<Encoded>((*recipe)->pieces.at(1)).line == 76);
        CHECK(std::get<Encoded>((*recipe)->pieces.at(3)).line == 0);
        CHECK(objects_of(**recipe).size() == 2);
        CHECK(mail.rebuilt(**recipe) == mail.raw());
    }

    TEST_CASE("one of two documents may stay as it is") {
        Mail mail;
        const std::string content = noise(50'000);
        mail.text(head);
        mail.document(noise(100), in_lines(noise(100), 75));
        mail.text("\r\n--b\r\n\r\n");
        mail.document(content, in_lines(content, 76));
        mail.document(content, in_lines(content, 76));
        const auto recipe = mail.recipe();
        REQUIRE_GOOD(recipe);
        REQUIRE(recipe->has_value());
        CHECK((*recipe)->pieces.size() == 3);
        CHECK(mail.rebuilt(**recipe) == mail.raw());
    }

    TEST_CASE("a mail of which too much would stay as it is becomes no recipe") {
        const auto worth_it = [](std::size_t text, std::size_t document) {
            Mail mail;
            const std::string content = noise(document);
            mail.text(std::string(text, 'x'));
            mail.document(content, in_lines(content, 76));
            const auto recipe = mail.recipe();
            REQUIRE_GOOD(recipe);
            return recipe->has_value();
        };
        CHECK(worth_it(max_recipe_bytes, 200'000));
        CHECK_FALSE(worth_it(max_recipe_bytes + 1, 200'000));
        CHECK(worth_it(in_lines(noise(3000), 76).size(), 3000));
        CHECK_FALSE(worth_it(in_lines(noise(3000), 76).size() + 2, 3000));
    }

    TEST_CASE("an object that is not what it was is noticed") {
        Mail mail;
        const std::string content = noise(5000);
        mail.text(head);
        mail.document(content, in_lines(content, 76));
        const auto recipe = mail.recipe();
        REQUIRE(recipe->has_value());
        std::string& object = mail.objects().begin()->second;
        object[10] = static_cast<char>(object[10] ^ 1);
        CHECK(mail.rebuilt(**recipe).find("has another SHA-256") != std::string::npos);
        object.pop_back();
        CHECK(mail.rebuilt(**recipe).find("has 4999 bytes") != std::string::npos);
    }

    TEST_CASE("a recipe comes back from the bytes that it is stored as") {
        const Recipe recipe{
            .size = 7000,
            .pieces = {
                std::string("From: \xff\0\r\n", 10),
                Encoded{Digest(sha256("a")), 5000, 76},
                Encoded{Digest(sha256("b")), 12, 0}}};
        const auto back = decode_recipe(encode(recipe), "x");
        REQUIRE_GOOD(back);
        CHECK(*back == recipe);
    }

    TEST_CASE("bytes that are no recipe are damage") {
        const Json object = {{"sha256", std::string(64, 'a')}, {"size", 5}, {"line", 76}};
        Json odd_line = object;
        odd_line["line"] = 75;
        Json long_line = object;
        long_line["line"] = 1000;
        Json no_digest = object;
        no_digest["sha256"] = "x";
        CHECK(decode_recipe(to_cbor({{"size", 5}, {"pieces", {object}}}), "x").has_value());
        for (const Json& json : {
                 Json(5),
                 Json{{"size", 5}},
                 Json{{"size", "5"}, {"pieces", Json::array()}},
                 Json{{"size", 5}, {"pieces", 5}},
                 Json{{"size", 5}, {"pieces", {5}}},
                 Json{{"size", 5}, {"pieces", {odd_line}}},
                 Json{{"size", 5}, {"pieces", {long_line}}},
                 Json{{"size", 5}, {"pieces", {no_digest}}},
                 Json{{"size", 5}, {"pieces", {Json{{"size", 5}}}}},
             }) {
            CAPTURE(json.dump());
            const auto recipe = decode_recipe(to_cbor(json), "mail 17");
            REQUIRE_FALSE(recipe.has_value());
            CHECK(recipe.error().kind == Kind::corrupt);
            CHECK(test::told(recipe.error()).find("mail 17") != std::string::npos);
        }
        CHECK_FALSE(decode_recipe("", "x").has_value());
    }
}

} // namespace kwit
