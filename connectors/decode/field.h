// Members of a record read to what the domain needs, with the refusals of part F: one function per kind of member. Each
// takes where the member stands and notes what is wrong with it; a reader goes on with the value that is returned,
// since a refused record is dropped in the end anyway.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "connectors/decode/findings.h"
#include "connectors/decode/value.h"
#include "domain/day.h"
#include "domain/oslo.h"

namespace flosync {

// A value and where it stands.
struct Field {
  Value value;
  Path path;
};

// The members of one object that a rule needs, found in one pass. `of` must outlive it and the fields it gives.
template <size_t N>
class Fields {
 public:
  Fields(const Field& of, const std::array<MemberName, N>& names) : of_(of), names_(names) {
    static_assert(N <= Value::kMaxMembers);
    of.value.FindMembers(names_, values_);
  }
  [[nodiscard]] Field operator[](size_t i) const {
    return {values_[i], {&of_.path, of_.value.is_xml() ? names_[i].xml : names_[i].json}};
  }
  [[nodiscard]] bool has(size_t i) const { return !values_[i].absent(); }

 private:
  const Field& of_;
  std::array<MemberName, N> names_;
  std::array<Value, N> values_;
};

// Refuses as MALFORMED_RECORD what is neither absent nor an object; true if it is an object.
bool CheckObject(const Field& field, Findings& findings);

// Calls `read(Field item)` for every item of a list; an absent list is empty (F18).
template <typename Read>
void ForEachItem(const Field& field, Findings& findings, Read read) {
  if (field.value.absent()) return;
  if (!field.value.IsList()) {
    findings.Refuse(DeviationCode::kMalformedRecord, field.path, "is not a list");
    return;
  }
  int index = 0;
  for (const Value& item : field.value.Items()) {
    const Field at{item, {field.path.parent, field.path.name, index++}};
    if (item.absent() || !item.IsObject()) {
      findings.Refuse(DeviationCode::kMalformedRecord, at.path, "is not an object");
    } else {
      read(at);
    }
  }
}

// A code or name kept verbatim; a whole number becomes its digits; absent = empty. One with a national identity number
// in it is left out (R24).
[[nodiscard]] std::string ReadText(const Field& field, Findings& findings);
// F18: absent = false.
[[nodiscard]] bool ReadFlag(const Field& field, Findings& findings);
// F5: a number of patients or percent; absent = nothing; below zero NEGATIVE_NUMBER.
[[nodiscard]] std::optional<int32_t> ReadCount(const Field& field, Findings& findings);
// F5: a key of FLO, 1..INT64_MAX, no national identity number (R24), else INVALID_IDENTIFIER and 0.
[[nodiscard]] int64_t ReadId(const Field& field, Findings& findings);
// R8: 1..2147483647, no national identity number (R24), else INVALID_IDENTIFIER and 0.
[[nodiscard]] int32_t ReadHprNumber(const Field& field, Findings& findings);
// F7: the same, but absent and 0 mean none, which is 0.
[[nodiscard]] int32_t ReadOptionalHprNumber(const Field& field, Findings& findings);
// F6: sistOppdatert, UpdatedOn, countedAt; absent or unreadable MALFORMED_RECORD.
[[nodiscard]] WallTime ReadVersion(const Field& field, Findings& findings);
// F9, D18: the Oslo day of a date or date-time; absent, or 9999-12-31 (F4), is nothing; unreadable MALFORMED_RECORD.
[[nodiscard]] std::optional<Day> ReadDay(const Field& field, Findings& findings);
// R2 for HPR: the last day is inclusive; a missing period or bound is open (D19, F3).
[[nodiscard]] Period ReadHprPeriod(const Field& field, Findings& findings);
// R2, F3 for FLR: half-open; `To` with a time of day is rounded up to the next day; no period or From: INVALID_PERIOD.
[[nodiscard]] Period ReadFlrPeriod(const Field& field, Findings& findings);
// F8: a doubt unless absent or a NIN.
void CheckNin(const Field& field, Findings& findings);
// F8: a doubt unless absent or an organisation number; the negative ones of historical offices too (B.4.3).
void CheckOrganisationNumber(const Field& field, Findings& findings);

}  // namespace flosync
