// Parses JSON text (RFC 8259, UTF-8, the whole of it validated) into Values.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "connectors/decode/value.h"

namespace flosync {

// The root of `text`; nothing if it is not one JSON value. The Value and all below it live until the next call of this
// function on the same thread; `text` need not outlive the call. An integer of any length is taken (its exact value
// beyond 64 bits is lost, its sign is not).
[[nodiscard]] std::optional<Value> ParseJson(std::string_view text);

// Stands for a number beyond what the parser knows.
inline constexpr double kHugeNumber = 9e299;

// Replaces every number literal too large for a 64-bit integer or a double by ±kHugeNumber, so that a parser that knows
// no larger numbers takes the text. The text keeps its meaning otherwise; one that is not JSON stays so.
[[nodiscard]] std::string WithoutHugeNumbers(std::string_view json);

}  // namespace flosync
