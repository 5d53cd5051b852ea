// An answer as the JSON of HTTP: protobuf's own mapping, in which what is nothing, false or zero is said, and what is
// absent is left out. Pure; any thread.
#pragma once

#include <optional>
#include <string>

#include <google/protobuf/message.h>

namespace flosync {

// With a read mask in the request, resources have what it names and nothing else. Uses the answer up. Nothing for
// what cannot be written.
[[nodiscard]] std::optional<std::string> JsonAnswer(const google::protobuf::Message& request,
                                                    google::protobuf::Message& answer);

}  // namespace flosync
