// Which scope a method needs. Deny by default: a method that is not in the table is refused. Pure; any thread.
//
//   RequiredScope("flosync.v1.DoctorService/GetDoctor")  // Scope::kDoctorsRead
//   RequiredScope("flosync.v1.DoctorService/Nonsense")   // nothing
#pragma once

#include <optional>
#include <string_view>

#include "daemon/security/caller.h"

namespace flosync {

// `method` is "package.Service/Method".
[[nodiscard]] std::optional<Scope> RequiredScope(std::string_view method);

// PERMISSION_DENIED with reason SCOPE_MISSING or METHOD_NOT_ALLOWED; INVALID_ARGUMENT with reason PURPOSE_MISSING where
// doctors are asked for without saying what for. Nothing = allowed.
[[nodiscard]] std::optional<Denial> Authorize(const Caller& caller, std::string_view method);

}  // namespace flosync
