#include "core/archive/recipe.hh"

#include "core/base/base64.hh"
#include "core/base/sha256.hh"
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
        const Digest digest(sha256(content));
        objects_[digest] = content;
        places_.push_back({raw_.size(), raw_.size() + encoded.size(), digest});
        raw_ += encoded;
    }

    [[nodiscard]] Digest digest() const { return Digest(sha256(raw_)); }

    Result<std::optional<Recipe>> recipe() {
        return find_recipe(*written(raw_).reader(), digest(), places_, opener(), Compare::each);
    }

    /// The recipe's file.
    std::string stored(const Recipe& recipe) {
        std::string out;
        REQUIRE_GOOD(write_recipe(recipe, *written(raw_).reader(), into(out)));
        return out;
    }

    std::string rebuilt_from(const std::string& file) {
        std::string out;
        const auto done = rebuild(*written(file).reader(), digest(), opener(), into(out));
        return done ? out : test::told(done.error());
    }

    std::string rebuilt(const Recipe& recipe) { return rebuilt_from(stored(recipe)); }

    Result<Recipe> read_back(const std::string& file) {
        return read_recipe(*written(file).reader());
    }

    [[nodiscard]] const std::string& raw() const { return raw_; }

    std::map<Digest, std::string>& objects() { return objects_; }

private:
    OpenObject opener() {
        return [this](const Digest& digest) { return written(objects_.at(digest)).reader(); };
    }

    static ByteSink into(std::string& out) {
        return [&out](Bytes bytes) -> Result<void> {
            out += as_text(bytes);
            return {};
        };
    }

    TempFile written(std::string_view bytes) {
        TempFile file = *TempFile::create(dir_.path());
        REQUIRE_GOOD(file.write(as_bytes(bytes)));
        return file;
    }

    test::TempDir dir_{};
    std::string raw_{};
    std::vector<Stretch> places_{};
    std::map<Digest, std::string> objects_{};
};

std::uint64_t literal_bytes(const Recipe& recipe) {
    std::uint64_t count = 0;
    for (const RecipePiece& piece : recipe.pieces)
        if (const auto* const literal = std::get_if<Literal>(&piece)) count += literal->size;
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
                 Case{"short ones", 30'000, 60},
                 Case{"the longest", 30'000, 996},
                 Case{"of four characters", 15'000, 4},
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
        const std::string content = noise(30'000);
        const std::string usual = in_lines(content, 76);
        std::string junk = usual;
        junk[100] = '!';
        std::string other_case = usual;
        other_case[500] = other_case[500] == 'A' ? 'B' : 'A';
        for (const auto& c : std::map<std::string, std::string>{
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
            CAPTURE(c.first);
            Mail mail;
            mail.text(head);
            mail.document(content, c.second);
            mail.text("\r\n--b--\r\n");
            const auto recipe = mail.recipe();
            REQUIRE_GOOD(recipe);
            CHECK_FALSE(recipe->has_value());
        }
    }

    TEST_CASE("line ends behind the last line, and bytes as they are, encode back too") {
        Mail mail;
        const std::string content = noise(20'001);
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

    TEST_CASE("one of the documents may stay as it is, and one may be there twice") {
        Mail mail;
        const std::string content = noise(50'000);
        mail.text(head);
        mail.document(noise(100), in_lines(noise(100), 75));
        mail.text("\r\n--b\r\n\r\n");
        mail.document(content, in_lines(content, 76));
        mail.document(content, in_lines(content, 60));
        const auto recipe = mail.recipe();
        REQUIRE_GOOD(recipe);
        REQUIRE(recipe->has_value());
        CHECK((*recipe)->pieces.size() == 3);
        CHECK(objects_of(**recipe) == std::vector{Digest(sha256(content))});
        CHECK(mail.rebuilt(**recipe) == mail.raw());
    }

    TEST_CASE("a mail of which too little would be saved becomes no recipe") {
        const auto worth_it = [](std::size_t text, std::size_t document) {
            Mail mail;
            const std::string content = noise(document);
            mail.text(std::string(text, 'x'));
            mail.document(content, in_lines(content, 76));
            const auto recipe = mail.recipe();
            REQUIRE_GOOD(recipe);
            return recipe->has_value();
        };
        // A line of 76 characters and its CRLF for 57 bytes; the recipe's own lines are 185 bytes.
        const std::size_t lines = (least_saving + 185) / 78;
        CHECK_FALSE(worth_it(500, 57 * lines));
        CHECK(worth_it(500, 57 * (lines + 1)));
        CHECK(worth_it(3'000'000, 57 * (lines + 1))); // whatever else is in the mail
    }

    TEST_CASE("an object that is not what it was is noticed") {
        Mail mail;
        const std::string content = noise(25'000);
        mail.text(head);
        mail.document(content, in_lines(content, 76));
        const auto recipe = mail.recipe();
        REQUIRE(recipe->has_value());
        const std::string file = mail.stored(**recipe);
        std::string& object = mail.objects().begin()->second;
        object[10] = static_cast<char>(object[10] ^ 1);
        CHECK(
            mail.rebuilt_from(file).find("is not mail " + mail.digest().hex()) != std::string::npos
        );
        object.pop_back();
        CHECK(mail.rebuilt_from(file).find("has 24999 bytes") != std::string::npos);
    }

    TEST_CASE("a recipe is lines that people can read, an empty one, and bytes as they came") {
        Mail mail;
        const std::string content = noise(20'001);
        const std::string plain = "<Invoice>" + std::string(500, 'x') + "</Invoice>";
        const std::string before("From: \xff\0\r\n\n\n", 12);
        mail.text(before);
        mail.document(content, in_lines(content, 76));
        mail.document(plain, plain);
        mail.text("\r\n--b--\r\n");
        const auto recipe = mail.recipe();
        REQUIRE(recipe->has_value());
        const std::string file = mail.stored(**recipe);
        CHECK(
            file == "kwit recipe 1\n"
                    "mail " +
                        mail.digest().hex() + " " + std::to_string(mail.raw().size()) +
                        "\n"
                        "bytes 12\n"
                        "base64 " +
                        Digest(sha256(content)).hex() +
                        " 20001 76\n"
                        "object " +
                        Digest(sha256(plain)).hex() +
                        " 519\n"
                        "bytes 9\n"
                        "\n" +
                        before + "\r\n--b--\r\n"
        );
        const auto back = mail.read_back(file);
        REQUIRE_GOOD(back);
        CHECK(*back == **recipe);
        CHECK(mail.rebuilt_from(file) == mail.raw());
    }

    TEST_CASE("bytes that are no recipe, or not all of one, are damage") {
        const std::string digest(64, 'a');
        const std::string good =
            "kwit recipe 1\nmail " + digest + " 9\nbase64 " + digest + " 5 76\nbytes 1\n\nx";
        const auto with = [&](const std::string& what, const std::string& by) {
            std::string file = good;
            return file.replace(file.find(what), what.size(), by);
        };
        Mail mail;
        REQUIRE_GOOD(mail.read_back(good));
        for (const std::string& file : {
                 std::string(),
                 std::string("kwit recipe 1\n\n"),
                 with("recipe 1", "recipe 2"),
                 with("mail " + digest, "mail x"),
                 with(" 9\n", "\n"),
                 with(" 9\n", " 9 9\n"),
                 with(" 9\n", " -9\n"),
                 with(" 76", " 75"),
                 with(" 76", " 1000"),
                 with(" 76", " 4294967372"),
                 with(" 76", ""),
                 with(" 5 76", " 0 76"),
                 with("base64", "base32"),
                 with("base64 " + digest, "base64 x"),
                 with("base64 " + digest + " 5 76", "object " + digest),
                 with("bytes 1", "bytes 2"),
                 with("bytes 1", "bytes 18446744073709551615"),
                 with("bytes 1", "bytes"),
                 with("\n\nx", "\nx"),
                 good.substr(0, good.size() - 1),
                 good + "x",
             }) {
            CAPTURE(file);
            const auto recipe = mail.read_back(file);
            REQUIRE_FALSE(recipe.has_value());
            CHECK(recipe.error().kind == Kind::corrupt);
            CHECK(test::told(recipe.error()).find("is no recipe of a mail") != std::string::npos);
            CHECK(mail.rebuilt_from(file).find("is no recipe of a mail") != std::string::npos);
        }
    }
}

} // namespace kwit
