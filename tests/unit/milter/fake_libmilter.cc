#include "tests/unit/milter/fake_libmilter.hh"

#include <cstdarg>

namespace {

smfiDesc description;

} // namespace

const smfiDesc& kwit::test::registered() {
    return description;
}

extern "C" {

int smfi_register(smfiDesc given) {
    description = given;
    return MI_SUCCESS;
}

int smfi_setpriv(SMFICTX* context, void* priv) {
    context->priv = priv;
    return MI_SUCCESS;
}

void* smfi_getpriv(SMFICTX* context) {
    return context->priv;
}

char* smfi_getsymval(SMFICTX* context, char* name) {
    const auto found = context->macros.find(name);
    return found == context->macros.end() ? nullptr : found->second.data();
}

int smfi_setsymlist(SMFICTX* /*context*/, int /*stage*/, char* /*macros*/) {
    return MI_SUCCESS;
}

int smfi_setmlreply(SMFICTX* context, const char* code, const char* enhanced, ...) {
    context->code = code;
    context->enhanced = enhanced;
    context->lines.clear();
    va_list lines;
    va_start(lines, enhanced);
    while (const char* line = va_arg(lines, const char*))
        context->lines.emplace_back(line);
    va_end(lines);
    return MI_SUCCESS;
}

int smfi_delrcpt(SMFICTX* context, char* recipient) {
    if (!context->removes) return MI_FAILURE;
    context->removed.emplace_back(recipient);
    return MI_SUCCESS;
}

int smfi_setconn(char* /*connection*/) {
    return MI_SUCCESS;
}

int smfi_opensocket(bool /*remove*/) {
    return MI_SUCCESS;
}
}
