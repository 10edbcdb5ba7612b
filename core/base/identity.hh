// The user and group a program runs with.
#pragma once

#include "core/base/result.hh"

#include <sys/types.h>

#include <filesystem>
#include <optional>
#include <string>

namespace kwit {

struct UserId {
    uid_t uid;
    gid_t gid;
    std::string name;
};

Result<UserId> find_user(const std::string& name);

Result<gid_t> find_group(const std::string& name);

/// Who owns the file or directory.
Result<UserId> owner_of(const std::filesystem::path& path);

/// The user that runs us.
UserId current_user();

/// Takes the identity for good: supplementary groups, group, user. Only root can become another.
Result<void> become(const UserId& user);

} // namespace kwit
