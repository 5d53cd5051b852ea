// Header fields that choose among answers (RFC 9110, 12.5.1 and 13.1.2). Pure; any thread.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace flosync {

// The index of the type among `offered` that the field Accept prefers, the first of several alike; nothing if it takes
// none of them. An empty field takes all.
//
//   ChooseType("text/csv, */*;q=0.1", {"application/json", "text/csv"})  // 1
[[nodiscard]] std::optional<size_t> ChooseType(std::string_view accept, std::span<const std::string_view> offered);

// Whether the field If-None-Match names the entity tag, which comes with its quotes.
[[nodiscard]] bool NamesTag(std::string_view if_none_match, std::string_view tag);

}  // namespace flosync
