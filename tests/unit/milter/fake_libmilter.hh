// libmilter's place taken by the linker: the smfi_ functions of the tests note what was said, and a
// test plays the MTA through the callbacks that were registered.
#pragma once

#include <libmilter/mfapi.h>

#include <map>
#include <string>
#include <vector>

/// libmilter's opaque context, as the tests see it.
struct smfi_str {
    void* priv = nullptr;
    std::map<std::string, std::string> macros;
    std::string code;
    std::string enhanced;
    std::vector<std::string> lines;
    std::vector<std::string> removed;
    bool removes = true; ///< whether the MTA lets recipients be removed
};

namespace kwit::test {

/// What was registered last.
const smfiDesc& registered();

} // namespace kwit::test
