#include "daemon/services/doctor_record.h"

#include <algorithm>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "daemon/services/convert.h"
#include "domain/text.h"

namespace flosync {
namespace {

// Fields by name, in the order told; one without text is not there.
using Fields = std::vector<std::pair<std::string, std::string>>;

std::string Text(const Period& period) { return Join(DayOrOpen(period.from), "..", DayOrOpen(period.to)); }

std::string Text(const std::vector<Period>& periods) {
  std::string text;
  for (const Period& period : periods) text += Join(text.empty() ? "" : ", ", Text(period));
  return text;
}

std::string NumberOrNone(int64_t number) { return number == 0 ? std::string() : std::to_string(number); }

std::string Text(Sex sex) {
  if (sex == Sex::kMale) return "male";
  return sex == Sex::kFemale ? "female" : "";
}

// ", ended status 1, reaction 5 2024-01-01.., suspended 2024-02-01..": what may take an approval or speciality away.
std::string Limits(const std::string& ended_status, const std::vector<Reaction>& reactions,
                   const std::vector<Period>& suspensions) {
  std::string text;
  if (!ended_status.empty()) text += Join(", ended status ", ended_status);
  for (const Reaction& reaction : reactions) text += Join(", reaction ", reaction.type, " ", Text(reaction.period));
  for (const Period& suspension : suspensions) text += Join(", suspended ", Text(suspension));
  return text;
}

std::string Text(const Approval& approval) {
  std::string text = Join("type ", approval.type, " ", Text(approval.period),
                          Limits(approval.ended_status, approval.reactions, approval.suspensions));
  for (const Speciality& s : approval.specialities) {
    text += Join("; speciality ", s.code, s.code_system.empty() ? "" : " of ", s.code_system, " ", Text(s.period),
                 Limits(s.ended_status, s.reactions, s.suspensions));
  }
  return text;
}

bool InHpr(const PersonState& state) {
  const auto& absences = state.presence.absences;
  return state.known && (absences.empty() || absences.back().until != Instant::Max());
}

Fields FieldsOf(const PersonState& state) {
  return {{"in_hpr", InHpr(state) ? "true" : ""},
          {"alias_of", NumberOrNone(state.AliasTarget())},
          {"birth_year", NumberOrNone(state.facts.birth_year.value_or(0))},
          {"sex", Text(state.facts.sex)},
          {"death_date", state.facts.death ? state.facts.death->ToString() : ""},
          {"specialist_periods", Text(state.facts.specialist)},
          {"authorised_periods", Text(state.facts.authorised)}};
}

// What HPR said verbatim; nothing of a version that is shrunk.
Fields VerbatimOf(const std::optional<PersonRecord>& version) {
  Fields fields;
  const auto* person = version ? std::get_if<Person>(&*version) : nullptr;
  if (!person) return fields;
  for (size_t i = 0; i < person->approvals.size(); ++i) {
    fields.emplace_back(Join("approvals[", i, "]"), Text(person->approvals[i]));
  }
  for (size_t i = 0; i < person->reactions.size(); ++i) {
    const Reaction& reaction = person->reactions[i];
    fields.emplace_back(Join("reactions[", i, "]"), Join(reaction.type, " ", Text(reaction.period)));
  }
  return fields;
}

Fields FieldsOf(const DoctorPeriodState& state) {
  if (!state.known) return {{"withdrawn", state.withdrawn ? "true" : ""}};
  const DoctorPeriod& period = state.latest;
  return {{"withdrawn", state.withdrawn ? "true" : ""},
          {"contract_id", std::to_string(period.contract_id)},
          {"hpr_number", std::to_string(period.hpr_number)},
          {"relationship", period.relationship},
          {"period", Text(period.period)},
          {"percentage", period.percentage ? std::to_string(*period.percentage) : ""},
          {"substitute_for_hpr_number", NumberOrNone(period.substitute_for)}};
}

// Nothing: the fields have none of the name.
const std::string* Find(const Fields& fields, const std::string& name) {
  const auto it = std::find_if(fields.begin(), fields.end(), [&](const auto& field) { return field.first == name; });
  return it == fields.end() ? nullptr : &it->second;
}

void AddChange(const std::string& name, const std::string& before, const std::string& after, v1::DoctorRecord* out) {
  if (before == after) return;
  v1::FieldChange* change = out->add_changes();
  change->set_field(name);
  change->set_old_value(before);
  change->set_new_value(after);
}

void AddChanges(const Fields& before, const Fields& after, v1::DoctorRecord* out) {
  for (const auto& [name, text] : after) {
    const std::string* old = Find(before, name);
    AddChange(name, old ? *old : "", text, out);
  }
  for (const auto& [name, text] : before) {
    if (!Find(after, name)) AddChange(name, text, "", out);
  }
}

v1::RecordEffect Convert(Effect in) {
  switch (in) {
    case Effect::kApplied:
      return v1::RECORD_EFFECT_APPLIED;
    case Effect::kDuplicate:
      return v1::RECORD_EFFECT_DUPLICATE;
    case Effect::kConflicting:
      return v1::RECORD_EFFECT_CONFLICTING;
    case Effect::kOlder:
      return v1::RECORD_EFFECT_OLDER;
  }
  return v1::RECORD_EFFECT_UNSPECIFIED;
}

bool IsShrunk(const std::optional<PersonRecord>& version) {
  return version && std::holds_alternative<ShrunkPerson>(*version);
}

void DescribeChange(const HistoryChange& change, v1::DoctorRecord* out) {
  out->set_kind(v1::RECORD_KIND_STATE);
  if (const auto* person = std::get_if<Person>(&change)) out->set_version(person->updated.ToString());
  if (const auto* shrunk = std::get_if<ShrunkPerson>(&change)) {
    out->set_version(shrunk->version.updated.ToString());
    out->set_shrunk(true);
  }
  if (const auto* period = std::get_if<DoctorPeriod>(&change)) out->set_version(period->updated.ToString());
  if (std::holds_alternative<Deletion>(change)) out->set_kind(v1::RECORD_KIND_DELETION);
  if (std::holds_alternative<Merge>(change)) out->set_kind(v1::RECORD_KIND_MERGE);
}

void Describe(const PersonState& person, v1::DoctorFacts* out) {
  out->set_in_hpr(InHpr(person));
  for (const Period& period : person.facts.specialist) Convert(period, out->add_specialist_periods());
  for (const Period& period : person.facts.authorised) Convert(period, out->add_authorised_periods());
  out->set_birth_year_known(person.facts.birth_year.has_value());
  out->set_sex(Convert(person.facts.sex));
  if (person.facts.death) out->set_death_date(person.facts.death->ToString());
  out->set_alias_of(person.AliasTarget());
}

void AddVerbatimChanges(const HistoryStep& step, v1::DoctorRecord* out) {
  if (IsShrunk(step.person_after)) return;
  const Fields after = VerbatimOf(step.person_after);
  if (!IsShrunk(step.person_before)) return AddChanges(VerbatimOf(step.person_before), after, out);
  // Nobody can say any more what changed; what there is now is told.
  for (const auto& [name, text] : after) AddChange(name, "shrunk", text, out);
}

}  // namespace

void Describe(const HistoryStep& step, v1::DoctorRecord* out) {
  Convert(step.record.position, out->mutable_position());
  if (step.learnt_at) Convert(*step.learnt_at, out->mutable_learnt_at());
  DescribeChange(step.record.change, out);
  out->set_effect(Convert(step.effect));
  out->set_returned(step.returned);
  if (const auto* person = std::get_if<PersonState>(&step.after)) {
    out->set_hpr_number(static_cast<int32_t>(step.entity.id));
    AddChanges(FieldsOf(std::get<PersonState>(step.before)), FieldsOf(*person), out);
    AddVerbatimChanges(step, out);
    Describe(*person, out->mutable_facts());
  } else {
    out->set_doctor_period_id(step.entity.id);
    AddChanges(FieldsOf(std::get<DoctorPeriodState>(step.before)), FieldsOf(std::get<DoctorPeriodState>(step.after)),
               out);
  }
}

}  // namespace flosync
