// Numbers and identifiers as the registers write them (R8, F5): pure functions, callable from any thread.
//
//   ParseHprNumber("009990007");      // 9990007
//   IsValidNin("12837520264");        // true: a synthetic number, month + 80
//   PadMunicipality(" 301");          // "0301"
//
// A national identity number is looked at here and nowhere kept; no birth date or sex is taken from it (R8).
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace flosync {

// F5: optional sign and digits, blanks around allowed. A number beyond 64 bits becomes INT64_MAX or INT64_MIN, so that
// range checks refuse it. Nothing for any other text.
[[nodiscard]] std::optional<int64_t> ParseInteger(std::string_view text);

// R8: 1..2147483647, leading zeros dropped. Nothing for any other text.
[[nodiscard]] std::optional<int32_t> ParseHprNumber(std::string_view text);

// Eleven digits with right control digits and a possible date: fødselsnummer, D-number (day + 40), synthetic (month +
// 40 or + 80), both together; or an FH-number (first digit 8 or 9), which has no date. The first control digit follows
// the rule that holds from 2032, of which the old one is a case (B.4.2).
[[nodiscard]] bool IsValidNin(std::string_view text);

// Whether a valid NIN stands anywhere in `text` as a run of exactly eleven digits (R24).
[[nodiscard]] bool ContainsNin(std::string_view text);

// Nine digits with the right control digit.
[[nodiscard]] bool IsValidOrganisationNumber(std::string_view text);

// Blanks around taken away, and padded to four digits with leading zeros if it is one to three digits.
[[nodiscard]] std::string PadMunicipality(std::string_view text);

}  // namespace flosync
