// What alerts and deviations are chosen by: entities as requests name them (A14), and lists of bounded length. Pure;
// any thread.
//
//   CheckEntity("contract:900101");    // "": such an alert may be
//   CheckEntity("kontrakt:900101");    // what is wrong with it
//   CheckEntityPrefix("contract:90");  // ""
#pragma once

#include <string>
#include <string_view>

#include <grpcpp/support/status.h>

namespace flosync {

// Empty if the text can be an entity, else what is wrong: a filter that can match nothing is a mistake, and an empty
// answer would hide it.
[[nodiscard]] std::string CheckEntity(std::string_view text);
// The same for the beginning of one.
[[nodiscard]] std::string CheckEntityPrefix(std::string_view text);
// INVALID_ARGUMENT with reason INVALID_FIELD for a list of more than 1 000 entries: each is compared with all there is,
// and a watch keeps them.
[[nodiscard]] grpc::Status CheckEntries(const std::string& field, int entries);

}  // namespace flosync
