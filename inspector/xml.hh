// An XML file becomes facts, with libxml2: whether it is an electronic invoice, by its root element
// and that one's namespace, and whether all of it is well formed. It runs inside the sandbox.
//
// Nothing that a file refers to is read, entities of its own it has none (a document type
// declaration ends the reading), and encodings are those that need no converter: UTF-8, UTF-16,
// US-ASCII, ISO-8859-1.
#pragma once

#include "core/model/xml_facts.hh"

#include <cstdint>

namespace kwit::inspector {

/// Before the first child: what the library makes once.
void prepare_xml();

/// Throws Unreadable when the document cannot be read, std::bad_alloc when memory ran out.
XmlFacts look_into_xml(int descriptor, std::uint64_t size);

} // namespace kwit::inspector
