// Entities of alerts and deviations as requests name them (A14). Pure; any thread.
//
//   CheckEntity("contract:900101");    // "": such an alert may be
//   CheckEntity("kontrakt:900101");    // what is wrong with it
//   CheckEntityPrefix("contract:90");  // ""
#pragma once

#include <string>
#include <string_view>

namespace flosync {

// Empty if the text can be an entity, else what is wrong: a filter that can match nothing is a mistake, and an empty
// answer would hide it.
[[nodiscard]] std::string CheckEntity(std::string_view text);
// The same for the beginning of one.
[[nodiscard]] std::string CheckEntityPrefix(std::string_view text);

}  // namespace flosync
