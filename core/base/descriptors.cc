#include "core/base/descriptors.hh"

#include "core/base/file.hh"

#include <sys/resource.h>

#include <cerrno>

namespace kwit {

Result<void> raise_descriptor_limit() {
    rlimit limit{};
    if (::getrlimit(RLIMIT_NOFILE, &limit) != 0)
        return fail(system_error("read the limit of open files", errno));
    if (limit.rlim_cur == limit.rlim_max) return {};
    limit.rlim_cur = limit.rlim_max;
    if (::setrlimit(RLIMIT_NOFILE, &limit) != 0)
        return fail(system_error("raise the limit of open files", errno));
    return {};
}

} // namespace kwit
