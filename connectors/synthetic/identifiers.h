// Synthetic identifiers and names. None of them can belong to anyone: NINs carry month + 80, names are made of words
// such as "Prøve" and "Testdahl". All functions are pure: the same `key` gives the same result.
//
//   SyntheticNin(MakeDay(1975, 3, 12), Sex::kFemale, 7);  // 128375..... with both control digits right
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "connectors/synthetic/calendar.h"

namespace flosync::synthetic {

enum class Sex : std::uint8_t { kMale = 1, kFemale = 2 };  // values of code system 3101

// Eleven digits DDMMYY III kk with month + 80 and the control digits of `flosync`'s input rules. Births 1900–2039.
[[nodiscard]] std::string SyntheticNin(Day birth, Sex sex, std::uint64_t key);

// Whether both control digits of eleven digits are right (the rule in force until 2032).
[[nodiscard]] bool HasValidControlDigits(std::string_view nin);

// Nine digits with a right control digit, between 310000000 and 319999999: real numbers begin with 8 or 9.
[[nodiscard]] std::int32_t SyntheticOrganisationNumber(std::uint64_t key);

// The HPR number of the person with this index: 1000000..9999999, different for different indexes below 9 million.
[[nodiscard]] std::int32_t HprNumberOf(std::uint64_t seed, std::uint32_t index);

struct Name {
  std::string_view first;
  std::string_view middle;  // may be empty
  std::string_view last;
};
[[nodiscard]] Name SyntheticName(Sex sex, std::uint64_t key);

}  // namespace flosync::synthetic
