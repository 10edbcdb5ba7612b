// Whether this build has a sanitizer, which needs what the sandbox forbids: AddressSanitizer and
// ThreadSanitizer keep a shadow of the whole address space, and all of them write reports.
#pragma once

namespace kwit::inspector {

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
inline constexpr bool sanitized = true;
#elif defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer) ||                         \
    __has_feature(memory_sanitizer) || __has_feature(undefined_behavior_sanitizer)
inline constexpr bool sanitized = true;
#else
inline constexpr bool sanitized = false;
#endif
#else
inline constexpr bool sanitized = false;
#endif

} // namespace kwit::inspector
