#include "connectors/synthetic/identifiers.h"

#include <array>

#include "connectors/synthetic/random.h"

namespace flosync::synthetic {
namespace {

constexpr std::array<int, 9> kFirstWeights = {3, 7, 6, 1, 8, 9, 4, 5, 2};
constexpr std::array<int, 10> kSecondWeights = {5, 4, 3, 2, 7, 6, 5, 4, 3, 2};
constexpr std::array<int, 8> kOrganisationWeights = {3, 2, 7, 6, 5, 4, 3, 2};

constexpr std::array<std::string_view, 24> kWomen = {
    "Solveig", "Ingrid", "Åse",  "Marit", "Ragnhild", "Sunniva", "Tuva", "Øydis", "Kjersti", "Ærna",  "Liv",  "Berit",
    "Astrid",  "Eldrid", "Guro", "Hanna", "Jorunn",   "Maja",    "Nora", "Oda",   "Randi",   "Signe", "Tone", "Unni"};
constexpr std::array<std::string_view, 24> kMen = {"Håkon",  "Ærlend", "Ola",    "Sigurd", "Øyvind", "Torbjørn",
                                                   "Aslak",  "Åsmund", "Kåre",   "Leif",   "Magnus", "Njål",
                                                   "Odd",    "Per",    "Ragnar", "Sverre", "Tarjei", "Ulrik",
                                                   "Vegard", "Yngve",  "Bjarne", "Einar",  "Gaute",  "Jostein"};
constexpr std::array<std::string_view, 20> kLast = {
    "Testdahl", "Fiktivsen",    "Prøvestad",  "Eksempelmoen", "Syntesvik",  "Modellund",  "Påfunnrud",
    "Dummyås",  "Øvingsbakken", "Liksomheim", "Diktetveit",   "Attrapsen",  "Tenkthaug",  "Mønsterberg",
    "Simulnes", "Kunstvoll",    "Tullerud",   "Uvirkelien",   "Blindprøve", "Generertsen"};

template <std::size_t N>
int WeightedRest(std::string_view digits, const std::array<int, N>& weights) {
  int sum = 0;
  for (std::size_t i = 0; i < N; ++i) sum += weights[i] * (digits[i] - '0');
  return sum % 11;
}

void AppendDigits(std::string& out, int value, int width) {
  for (int i = width - 1, power = 1; i >= 0; --i) {
    power = 1;
    for (int k = 0; k < i; ++k) power *= 10;
    out += static_cast<char>('0' + value / power % 10);
  }
}

// A control digit from the rest modulo 11, or -1 where the number cannot be given out.
int ControlDigit(int rest) {
  if (rest == 0) return 0;
  return rest == 1 ? -1 : 11 - rest;
}

}  // namespace

std::string SyntheticNin(Day birth, Sex sex, std::uint64_t key) {
  const int year = YearOf(birth);
  const int first_series = year >= 2000 ? 500 : 0;
  std::string date;
  AppendDigits(date, birth - FirstOfMonth(birth) + 1, 2);
  AppendDigits(date, static_cast<int>(MonthOf(birth)) + 80, 2);
  AppendDigits(date, year % 100, 2);
  const int start = static_cast<int>(Mix(key, 11) % 250);
  for (int attempt = 0; attempt < 250; ++attempt) {
    const int individual = first_series + (start + attempt) % 250 * 2 + (sex == Sex::kMale ? 1 : 0);
    std::string nin = date;
    AppendDigits(nin, individual, 3);
    const int first = ControlDigit(WeightedRest(nin, kFirstWeights));
    if (first < 0) continue;
    nin += static_cast<char>('0' + first);
    const int second = ControlDigit(WeightedRest(nin, kSecondWeights));
    if (second < 0) continue;
    nin += static_cast<char>('0' + second);
    return nin;
  }
  return {};  // cannot happen: five in six individual numbers have control digits
}

bool HasValidControlDigits(std::string_view nin) {
  if (nin.size() != 11) return false;
  const int first = ControlDigit(WeightedRest(nin, kFirstWeights));
  const int second = ControlDigit(WeightedRest(nin, kSecondWeights));
  return first == nin[9] - '0' && second == nin[10] - '0';
}

std::int32_t SyntheticOrganisationNumber(std::uint64_t key) {
  for (std::uint64_t attempt = 0;; ++attempt) {
    const int body = 31'000'000 + static_cast<int>(Mix(key, 97 + attempt) % 1'000'000);
    std::string digits;
    AppendDigits(digits, body, 8);
    const int control = ControlDigit(WeightedRest(digits, kOrganisationWeights));
    if (control >= 0) return body * 10 + control;
  }
}

std::int32_t HprNumberOf(std::uint64_t seed, std::uint32_t index) {
  // 9 000 000 = 2^6 · 3^2 · 5^6, so multiplying by a number without these factors visits every number once.
  constexpr std::uint64_t kCount = 9'000'000;
  constexpr std::uint64_t kStep = 5'471'239;
  return static_cast<std::int32_t>(1'000'000 + (Mix(seed, 3) % kCount + index * kStep) % kCount);
}

Name SyntheticName(Sex sex, std::uint64_t key) {
  const std::uint64_t bits = Mix(key, 5);
  const auto& firsts = sex == Sex::kFemale ? kWomen : kMen;
  return {.first = firsts[bits % firsts.size()],
          .middle = (bits >> 20) % 3 == 0 ? std::string_view("Prøve") : std::string_view(),
          .last = kLast[(bits >> 32) % kLast.size()]};
}

}  // namespace flosync::synthetic
