#include "connectors/decode/identifiers.h"

#include <array>
#include <limits>

#include "connectors/decode/ascii.h"

namespace flosync {
namespace {

constexpr size_t kNinDigits = 11;
constexpr size_t kOrganisationDigits = 9;
constexpr int kModulus = 11;

bool AllDigits(std::string_view text) {
  for (const char c : text) {
    if (!IsAsciiDigit(c)) return false;
  }
  return !text.empty();
}

int DigitAt(std::string_view digits, size_t at) { return digits[at] - '0'; }
int TwoDigits(std::string_view digits, size_t at) { return DigitAt(digits, at) * 10 + DigitAt(digits, at + 1); }

template <size_t N>
int WeightedRemainder(std::string_view digits, const std::array<int, N>& weights) {
  int sum = 0;
  for (size_t i = 0; i < N; ++i) sum += DigitAt(digits, i) * weights[i];
  return sum % kModulus;
}

// Day and month with the additions of D-numbers and synthetic numbers taken off; FH-numbers have none. 29 February
// counts as possible in every year divisible by four, since the century cannot be told.
bool HasPossibleDate(std::string_view digits) {
  if (digits[0] >= '8') return true;
  int day = TwoDigits(digits, 0);
  int month = TwoDigits(digits, 2);
  if (day > 40) day -= 40;
  if (month > 80) {
    month -= 80;
  } else if (month > 40) {
    month -= 40;
  }
  constexpr std::array<int, 12> kDays = {31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
  if (month < 1 || month > 12 || day < 1 || day > kDays[static_cast<size_t>(month - 1)]) return false;
  return month != 2 || day < 29 || TwoDigits(digits, 4) % 4 == 0;
}

// With a remainder r in 0..3 the first control digit is 11 + r − sum (mod 11), never ten; r = 0 is the rule until 2032.
bool FirstControlDigitFits(std::string_view digits) {
  constexpr std::array<int, 9> kWeights = {3, 7, 6, 1, 8, 9, 4, 5, 2};
  const int remainder = WeightedRemainder(digits, kWeights);
  for (int r = 0; r <= 3; ++r) {
    if ((kModulus + r - remainder) % kModulus == DigitAt(digits, 9)) return true;
  }
  return false;
}

bool SecondControlDigitFits(std::string_view digits) {
  constexpr std::array<int, 10> kWeights = {5, 4, 3, 2, 7, 6, 5, 4, 3, 2};
  return (kModulus - WeightedRemainder(digits, kWeights)) % kModulus == DigitAt(digits, 10);
}

}  // namespace

std::optional<int64_t> ParseInteger(std::string_view text) {
  text = TrimBlanks(text);
  bool negative = false;
  if (!text.empty() && (text.front() == '-' || text.front() == '+')) {
    negative = text.front() == '-';
    text.remove_prefix(1);
  }
  if (!AllDigits(text)) return std::nullopt;
  int64_t value = 0;
  for (const char c : text) {
    // Counted downwards, because INT64_MIN has no positive counterpart.
    if (__builtin_mul_overflow(value, 10, &value) || __builtin_sub_overflow(value, c - '0', &value)) {
      return negative ? std::numeric_limits<int64_t>::min() : std::numeric_limits<int64_t>::max();
    }
  }
  if (negative) return value;
  return value == std::numeric_limits<int64_t>::min() ? std::numeric_limits<int64_t>::max() : -value;
}

std::optional<int32_t> ParseHprNumber(std::string_view text) {
  const auto number = ParseInteger(text);
  if (!number || *number < 1 || *number > std::numeric_limits<int32_t>::max()) return std::nullopt;
  return static_cast<int32_t>(*number);
}

bool IsValidNin(std::string_view text) {
  return text.size() == kNinDigits && AllDigits(text) && HasPossibleDate(text) && FirstControlDigitFits(text) &&
         SecondControlDigitFits(text);
}

bool ContainsNin(std::string_view text) {
  size_t begin = 0;
  while (begin < text.size()) {
    if (!IsAsciiDigit(text[begin])) {
      ++begin;
      continue;
    }
    size_t end = begin;
    while (end < text.size() && IsAsciiDigit(text[end])) ++end;
    if (IsValidNin(text.substr(begin, end - begin))) return true;
    begin = end;
  }
  return false;
}

bool IsValidOrganisationNumber(std::string_view text) {
  if (text.size() != kOrganisationDigits || !AllDigits(text)) return false;
  constexpr std::array<int, 8> kWeights = {3, 2, 7, 6, 5, 4, 3, 2};
  return (kModulus - WeightedRemainder(text, kWeights)) % kModulus == DigitAt(text, 8);
}

std::string PadMunicipality(std::string_view text) {
  text = TrimBlanks(text);
  std::string padded;
  if (text.size() < 4 && AllDigits(text)) padded.assign(4 - text.size(), '0');
  padded += text;
  return padded;
}

}  // namespace flosync
