#include "state/store/codec.h"

#include <array>

#include <google/protobuf/arena.h>

namespace flosync {

namespace stored = store::v1;

void Write(const Period& period, stored::StoredPeriod* out) {
  if (period.from != Day::Min()) out->set_from(period.from.epoch_days());
  if (period.to != Day::Max()) out->set_to(period.to.epoch_days());
}

Period Read(const stored::StoredPeriod& in) {
  return {in.has_from() ? Day::FromEpochDays(in.from()) : Day::Min(),
          in.has_to() ? Day::FromEpochDays(in.to()) : Day::Max()};
}

namespace {

using flosync::Read;
using flosync::Write;

void Write(const WallTime& time, stored::StoredWallTime* out) {
  out->set_seconds(time.seconds);
  out->set_nanos(time.nanos);
}

WallTime Read(const stored::StoredWallTime& in) { return {in.seconds(), in.nanos()}; }

// The templates below find only what is declared before them.
void Write(const Reaction& reaction, stored::StoredReaction* out);
Reaction Read(const stored::StoredReaction& in);
void Write(const Speciality& speciality, stored::StoredSpeciality* out);
Speciality Read(const stored::StoredSpeciality& in);
void Write(const Approval& approval, stored::StoredApproval* out);
Approval Read(const stored::StoredApproval& in);
void Write(const Absence& absence, stored::StoredAbsence* out);
Absence Read(const stored::StoredAbsence& in);
void Write(const ContractVersion& version, stored::StoredContractVersion* out);
ContractVersion Read(const stored::StoredContractVersion& in);
void Write(const CountVersion& version, stored::StoredCountVersion* out);
CountVersion Read(const stored::StoredCountVersion& in);
void Write(const ReasonStep& step, stored::StoredReasonStep* out);
ReasonStep Read(const stored::StoredReasonStep& in);

// Lists of whatever has a Write and a Read.
template <typename Values, typename Field>
void WriteAll(const Values& values, Field* field) {
  for (const auto& value : values) Write(value, field->Add());
}

template <typename Value, typename Field>
std::vector<Value> ReadAll(const Field& field) {
  std::vector<Value> values;
  values.reserve(static_cast<size_t>(field.size()));
  for (const auto& item : field) values.push_back(Read(item));
  return values;
}

void Write(const Reaction& reaction, stored::StoredReaction* out) {
  out->set_type(reaction.type);
  Write(reaction.period, out->mutable_period());
}

Reaction Read(const stored::StoredReaction& in) { return {in.type(), Read(in.period())}; }

void Write(const Speciality& speciality, stored::StoredSpeciality* out) {
  out->set_code(speciality.code);
  out->set_code_system(speciality.code_system);
  Write(speciality.period, out->mutable_period());
  out->set_ended_status(speciality.ended_status);
  WriteAll(speciality.reactions, out->mutable_reactions());
  WriteAll(speciality.suspensions, out->mutable_suspensions());
}

Speciality Read(const stored::StoredSpeciality& in) {
  return {in.code(),
          in.code_system(),
          Read(in.period()),
          in.ended_status(),
          ReadAll<Reaction>(in.reactions()),
          ReadAll<Period>(in.suspensions())};
}

void Write(const Approval& approval, stored::StoredApproval* out) {
  out->set_type(approval.type);
  Write(approval.period, out->mutable_period());
  out->set_ended_status(approval.ended_status);
  WriteAll(approval.reactions, out->mutable_reactions());
  WriteAll(approval.suspensions, out->mutable_suspensions());
  WriteAll(approval.specialities, out->mutable_specialities());
}

Approval Read(const stored::StoredApproval& in) {
  return {in.type(),
          Read(in.period()),
          in.ended_status(),
          ReadAll<Reaction>(in.reactions()),
          ReadAll<Period>(in.suspensions()),
          ReadAll<Speciality>(in.specialities())};
}

void Write(const Person& person, stored::StoredPerson* out) {
  out->set_hpr_number(person.hpr_number);
  out->set_replaced_by(person.replaced_by);
  Write(person.updated, out->mutable_updated());
  if (person.birth_year) out->set_birth_year(*person.birth_year);
  if (person.death) out->set_death_day(person.death->epoch_days());
  out->set_sex(static_cast<uint32_t>(person.sex));
  WriteAll(person.approvals, out->mutable_approvals());
  WriteAll(person.reactions, out->mutable_reactions());
}

Person Read(const stored::StoredPerson& in) {
  Person person;
  person.hpr_number = in.hpr_number();
  person.replaced_by = in.replaced_by();
  person.updated = Read(in.updated());
  if (in.has_birth_year()) person.birth_year = static_cast<int16_t>(in.birth_year());
  if (in.has_death_day()) person.death = Day::FromEpochDays(in.death_day());
  person.sex = static_cast<Sex>(in.sex());
  person.approvals = ReadAll<Approval>(in.approvals());
  person.reactions = ReadAll<Reaction>(in.reactions());
  return person;
}

void Write(const Contract& contract, stored::StoredContract* out) {
  out->set_id(contract.id);
  Write(contract.updated, out->mutable_updated());
  Write(contract.period, out->mutable_period());
  out->set_municipality(contract.municipality);
  out->set_fixed_salary(contract.fixed_salary);
  if (contract.list_cap) out->set_list_cap(*contract.list_cap);
  out->set_status(contract.status);
}

Contract Read(const stored::StoredContract& in) {
  Contract contract;
  contract.id = in.id();
  contract.updated = Read(in.updated());
  contract.period = Read(in.period());
  contract.municipality = in.municipality();
  contract.fixed_salary = in.fixed_salary();
  if (in.has_list_cap()) contract.list_cap = in.list_cap();
  contract.status = in.status();
  return contract;
}

void Write(const DoctorPeriod& period, stored::StoredDoctorPeriod* out) {
  out->set_id(period.id);
  out->set_contract_id(period.contract_id);
  out->set_hpr_number(period.hpr_number);
  out->set_substitute_for(period.substitute_for);
  Write(period.updated, out->mutable_updated());
  Write(period.period, out->mutable_period());
  out->set_relationship(period.relationship);
  if (period.percentage) out->set_percentage(*period.percentage);
}

DoctorPeriod Read(const stored::StoredDoctorPeriod& in) {
  DoctorPeriod period;
  period.id = in.id();
  period.contract_id = in.contract_id();
  period.hpr_number = in.hpr_number();
  period.substitute_for = in.substitute_for();
  period.updated = Read(in.updated());
  period.period = Read(in.period());
  period.relationship = in.relationship();
  if (in.has_percentage()) period.percentage = in.percentage();
  return period;
}

void Write(const DoctorFacts& facts, stored::StoredDoctorFacts* out) {
  if (facts.birth_year) out->set_birth_year(*facts.birth_year);
  if (facts.death) out->set_death_day(facts.death->epoch_days());
  out->set_sex(static_cast<uint32_t>(facts.sex));
  WriteAll(facts.authorised, out->mutable_authorised());
  WriteAll(facts.specialist, out->mutable_specialist());
  if (facts.speciality_from) out->set_speciality_from(facts.speciality_from->epoch_days());
}

DoctorFacts Read(const stored::StoredDoctorFacts& in) {
  DoctorFacts facts;
  if (in.has_birth_year()) facts.birth_year = static_cast<int16_t>(in.birth_year());
  if (in.has_death_day()) facts.death = Day::FromEpochDays(in.death_day());
  facts.sex = static_cast<Sex>(in.sex());
  facts.authorised = ReadAll<Period>(in.authorised());
  facts.specialist = ReadAll<Period>(in.specialist());
  if (in.has_speciality_from()) facts.speciality_from = Day::FromEpochDays(in.speciality_from());
  return facts;
}

void Write(const ReasonStep& step, stored::StoredReasonStep* out) {
  if (step.from != Day::Min()) out->set_from(step.from.epoch_days());
  out->set_reason(static_cast<uint32_t>(step.reason));
}

ReasonStep Read(const stored::StoredReasonStep& in) {
  return {in.has_from() ? Day::FromEpochDays(in.from()) : Day::Min(), static_cast<SpecialistReason>(in.reason())};
}

void Write(const ShrunkPerson& person, stored::StoredShrunkPerson* out) {
  Write(person.version.updated, out->mutable_updated());
  out->set_content_hash(person.version.content);
  out->set_replaced_by(person.version.replaced_by);
  Write(person.version.facts, out->mutable_facts());
  WriteAll(person.reasons, out->mutable_reasons());
}

ShrunkPerson Read(const stored::StoredShrunkPerson& in) {
  return {{Read(in.updated()), in.content_hash(), in.replaced_by(), Read(in.facts())},
          ReadAll<ReasonStep>(in.reasons())};
}

struct ChangeWriter {
  stored::StoredChange* out;
  void operator()(const ShrunkPerson& p) const { Write(p, out->mutable_shrunk_person()); }
  void operator()(const Person& p) const { Write(p, out->mutable_person()); }
  void operator()(const Contract& c) const { Write(c, out->mutable_contract()); }
  void operator()(const DoctorPeriod& p) const { Write(p, out->mutable_doctor_period()); }
  void operator()(const PatientCount& c) const {
    auto* count = out->mutable_patient_count();
    count->set_contract_id(c.contract_id);
    count->set_patients(c.patients);
    Write(c.counted, count->mutable_counted());
  }
  void operator()(const Deletion& /*d*/) const { out->set_deletion(true); }
  void operator()(const Merge& m) const {
    out->mutable_merge()->set_old_number(m.old_number);
    out->mutable_merge()->set_surviving_number(m.surviving_number);
  }
};

void Write(const Absence& absence, stored::StoredAbsence* out) {
  out->set_after_ms(absence.after.ms);
  out->set_until_ms(absence.until.ms);
}

Absence Read(const stored::StoredAbsence& in) { return {{in.after_ms()}, {in.until_ms()}}; }

void Write(const ContractVersion& version, stored::StoredContractVersion* out) {
  Write(version.updated, out->mutable_updated());
  flosync::Write(version.position, out->mutable_position());
  out->set_content_hash(version.content);
  Write(version.period, out->mutable_period());
  out->set_municipality(version.municipality);
  out->set_fixed_salary(version.fixed_salary);
  if (version.list_cap) out->set_list_cap(*version.list_cap);
  out->set_status(version.status);
}

ContractVersion Read(const stored::StoredContractVersion& in) {
  ContractVersion version;
  version.updated = Read(in.updated());
  version.position = flosync::Read(in.position());
  version.content = in.content_hash();
  version.period = Read(in.period());
  version.municipality = in.municipality();
  version.fixed_salary = in.fixed_salary();
  if (in.has_list_cap()) version.list_cap = in.list_cap();
  version.status = in.status();
  return version;
}

void Write(const CountVersion& version, stored::StoredCountVersion* out) {
  Write(version.counted, out->mutable_counted());
  flosync::Write(version.position, out->mutable_position());
  out->set_patients(version.patients);
}

CountVersion Read(const stored::StoredCountVersion& in) {
  return {Read(in.counted()), flosync::Read(in.position()), in.patients()};
}

struct HeadWriter {
  stored::StoredHead* head;
  void operator()(const PersonState& state) const {
    auto* out = head->mutable_person();
    out->set_known(state.known);
    Write(state.version, out->mutable_version());
    out->set_content_hash(state.content);
    out->set_replaced_by(state.replaced_by);
    out->set_merged_into(state.merged_into);
    Write(state.facts, out->mutable_facts());
    WriteAll(state.presence.absences, out->mutable_absences());
    flosync::Write(state.last, out->mutable_last());
  }
  void operator()(const ContractState& state) const {
    auto* out = head->mutable_contract();
    WriteAll(state.versions, out->mutable_versions());
    WriteAll(state.presence.absences, out->mutable_absences());
    flosync::Write(state.last, out->mutable_last());
  }
  void operator()(const DoctorPeriodState& state) const {
    auto* out = head->mutable_doctor_period();
    if (state.known) Write(state.latest, out->mutable_latest());
    out->set_known(state.known);
    out->set_withdrawn(state.withdrawn);
    flosync::Write(state.last, out->mutable_last());
  }
  void operator()(const PatientCountState& state) const {
    auto* out = head->mutable_patient_count();
    WriteAll(state.versions, out->mutable_versions());
    WriteAll(state.presence.absences, out->mutable_absences());
    flosync::Write(state.last, out->mutable_last());
  }
};

PersonState Read(const stored::StoredPersonHead& in) {
  PersonState state;
  state.known = in.known();
  state.version = Read(in.version());
  state.content = in.content_hash();
  state.replaced_by = in.replaced_by();
  state.merged_into = in.merged_into();
  state.facts = Read(in.facts());
  state.presence.absences = ReadAll<Absence>(in.absences());
  state.last = flosync::Read(in.last());
  return state;
}

ContractState Read(const stored::StoredContractHead& in) {
  ContractState state;
  state.versions = ReadAll<ContractVersion>(in.versions());
  state.presence.absences = ReadAll<Absence>(in.absences());
  state.last = flosync::Read(in.last());
  return state;
}

DoctorPeriodState Read(const stored::StoredDoctorPeriodHead& in) {
  DoctorPeriodState state;
  state.known = in.known();
  if (state.known) state.latest = Read(in.latest());
  state.withdrawn = in.withdrawn();
  state.last = flosync::Read(in.last());
  return state;
}

PatientCountState Read(const stored::StoredPatientCountHead& in) {
  PatientCountState state;
  state.versions = ReadAll<CountVersion>(in.versions());
  state.presence.absences = ReadAll<Absence>(in.absences());
  state.last = flosync::Read(in.last());
  return state;
}

// A message with all that is below it in memory of the stack, as far as that reaches.
template <typename Message>
class MessageOnStack {
 public:
  MessageOnStack() : arena_(memory_.data(), memory_.size()) {
    message_ = google::protobuf::Arena::CreateMessage<Message>(&arena_);
  }
  [[nodiscard]] Message* get() { return message_; }

 private:
  static constexpr size_t kUsualBytes = 8192;

  alignas(8) std::array<char, kUsualBytes> memory_;
  google::protobuf::Arena arena_;
  Message* message_;
};

absl::Status Unknown() {
  return absl::DataLossError("store: an entry of unknown kind; a newer flosync may have written it, start that one");
}

}  // namespace

void Write(const Position& position, stored::StoredPosition* out) {
  out->set_known_from_ms(position.known_from.ms);
  out->set_topic(static_cast<uint32_t>(position.topic));
  out->set_partition(position.partition);
  out->set_offset(position.offset);
  out->set_index(position.index);
}

Position Read(const stored::StoredPosition& in) {
  return {{in.known_from_ms()}, static_cast<Topic>(in.topic()), in.partition(), in.offset(), in.index()};
}

std::string EncodeChange(const HistoryChange& change) {
  MessageOnStack<stored::StoredChange> out;
  std::visit(ChangeWriter{out.get()}, change);
  return out.get()->SerializeAsString();
}

absl::StatusOr<HistoryChange> DecodeChange(const EntityId& entity, std::string_view bytes) {
  const auto in = ParseStored<stored::StoredChange>(bytes);
  if (!in.ok()) return in.status();
  switch (in->change_case()) {
    case stored::StoredChange::kPerson:
      return Read(in->person());
    case stored::StoredChange::kContract:
      return Read(in->contract());
    case stored::StoredChange::kDoctorPeriod:
      return Read(in->doctor_period());
    case stored::StoredChange::kPatientCount:
      return PatientCount{in->patient_count().contract_id(), in->patient_count().patients(),
                          Read(in->patient_count().counted())};
    case stored::StoredChange::kDeletion:
      return Deletion{entity};
    case stored::StoredChange::kMerge:
      return Merge{in->merge().old_number(), in->merge().surviving_number()};
    case stored::StoredChange::kShrunkPerson:
      return Read(in->shrunk_person());
    case stored::StoredChange::CHANGE_NOT_SET:
      break;
  }
  return Unknown();
}

std::string EncodeHead(const EntityState& state) {
  MessageOnStack<stored::StoredHead> out;
  std::visit(HeadWriter{out.get()}, state);
  return out.get()->SerializeAsString();
}

absl::StatusOr<EntityState> DecodeHead(std::string_view bytes) {
  const auto in = ParseStored<stored::StoredHead>(bytes);
  if (!in.ok()) return in.status();
  switch (in->head_case()) {
    case stored::StoredHead::kPerson:
      return Read(in->person());
    case stored::StoredHead::kContract:
      return Read(in->contract());
    case stored::StoredHead::kDoctorPeriod:
      return Read(in->doctor_period());
    case stored::StoredHead::kPatientCount:
      return Read(in->patient_count());
    case stored::StoredHead::HEAD_NOT_SET:
      break;
  }
  return Unknown();
}

}  // namespace flosync
