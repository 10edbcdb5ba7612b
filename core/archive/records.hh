// Records as JSON and as the CBOR that is stored: the same maps, described in docs/format.md. Every
// field is always there; what is empty is null (envelope_from "" is the null sender). Readers take
// missing fields for empty ones and pass over fields they do not know.
#pragma once

#include "core/base/json_fwd.hh"
#include "core/base/result.hh"
#include "core/model/directory.hh"
#include "core/model/receipt.hh"

#include <string>
#include <string_view>

namespace kwit {

Json to_json(const Client& client);
Json to_json(const Sender& sender);
Json to_json(const ImportAddress& address);
Json to_json(const Finding& finding);
Json to_json(const PartRecord& part);
Json to_json(const NoticeRecord& notice);
Json to_json(const Receipt& receipt);
Json to_json(const EmbeddedFile& file);
Json to_json(const Document& document);
Json to_json(const OutboxRow& row);

/// The stored bytes of a Client, Sender, ImportAddress, Receipt, Document or OutboxRow.
template <typename Record>
std::string encode(const Record& record);

/// The record of stored bytes; `corrupt`, naming the record as `name`, when they are none.
template <typename Record>
Result<Record> decode(std::string_view bytes, const std::string& name);

extern template std::string encode(const Client&);
extern template std::string encode(const Sender&);
extern template std::string encode(const ImportAddress&);
extern template std::string encode(const Receipt&);
extern template std::string encode(const Document&);
extern template std::string encode(const OutboxRow&);
extern template Result<Client> decode(std::string_view, const std::string&);
extern template Result<Sender> decode(std::string_view, const std::string&);
extern template Result<ImportAddress> decode(std::string_view, const std::string&);
extern template Result<Receipt> decode(std::string_view, const std::string&);
extern template Result<Document> decode(std::string_view, const std::string&);
extern template Result<OutboxRow> decode(std::string_view, const std::string&);

} // namespace kwit
