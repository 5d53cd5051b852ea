// How the records of an entity become its state: Fold and FoldNext of entity_state.h.
#include <map>
#include <utility>

#include "state/register/entity_state.h"

namespace flosync {
namespace {

struct ReadVersion {
  std::optional<VersionedContent> operator()(const Person& p) const {
    return VersionedContent{p.updated, HashContent(p)};
  }
  std::optional<VersionedContent> operator()(const ShrunkPerson& p) const {
    return VersionedContent{p.version.updated, p.version.content};
  }
  std::optional<VersionedContent> operator()(const Contract& c) const {
    return VersionedContent{c.updated, HashContent(c)};
  }
  std::optional<VersionedContent> operator()(const DoctorPeriod& p) const {
    return VersionedContent{p.updated, HashContent(p)};
  }
  std::optional<VersionedContent> operator()(const PatientCount& c) const {
    return VersionedContent{c.counted, static_cast<ContentHash>(c.patients)};
  }
  std::optional<VersionedContent> operator()(const Deletion& /*d*/) const { return std::nullopt; }
  std::optional<VersionedContent> operator()(const Merge& /*m*/) const { return std::nullopt; }
};

// Gives a change to the state it belongs to; what is no state of the entity's kind is its deletion.
template <typename Change>
Effect FoldInto(EntityState& state, const Position& position, const Change& change) {
  const auto fold = [&position](auto& into, const auto& next) {
    if constexpr (requires { into.Apply(position, next); }) {
      return into.Apply(position, next);
    } else {
      into.Delete(position);
      return Effect::kApplied;
    }
  };
  return std::visit(fold, state, change);
}

}  // namespace

HistoryChange ToHistory(RegisterChange change) {
  return std::visit([](auto&& record) -> HistoryChange { return std::forward<decltype(record)>(record); },
                    std::move(change));
}

std::optional<VersionedContent> ReadVersionedContent(const HistoryChange& change) {
  return std::visit(ReadVersion{}, change);
}

EntityState EmptyState(EntityKind kind) {
  switch (kind) {
    case EntityKind::kContract:
      return ContractState{};
    case EntityKind::kDoctorPeriod:
      return DoctorPeriodState{};
    case EntityKind::kPatientCount:
      return PatientCountState{};
    case EntityKind::kPerson:
      break;
  }
  return PersonState{};
}

const Position& LastPosition(const EntityState& state) {
  return std::visit([](const auto& s) -> const Position& { return s.last; }, state);
}

Effect FoldNext(EntityState& state, const PositionedChange& next) {
  return FoldInto(state, next.position, next.change);
}

Effect FoldNext(EntityState& state, const Position& position, const KnownChange& next) {
  return FoldInto(state, position, next);
}

Folded Fold(EntityKind kind, const std::vector<PositionedChange>& in_order) {
  Folded folded{EmptyState(kind), {}};
  folded.effects.reserve(in_order.size());
  std::map<WallTime, ContentHash> contents;
  for (const PositionedChange& next : in_order) {
    Effect effect = FoldNext(folded.state, next);
    if (const auto versioned = ReadVersionedContent(next.change)) {
      const auto [known, first] = contents.try_emplace(versioned->version, versioned->content);
      if (effect == Effect::kOlder && !first) {
        effect = known->second == versioned->content ? Effect::kDuplicate : Effect::kConflicting;
      }
      known->second = versioned->content;
    }
    folded.effects.push_back(effect);
  }
  return folded;
}

}  // namespace flosync
