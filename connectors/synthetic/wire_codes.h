// The codes of HPR and what a person holds, for the two shapes in which persons are written. Pure functions.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "connectors/synthetic/world.h"

namespace flosync::synthetic {

struct Code {
  std::string_view value;
  std::string_view name;
};
inline constexpr Code kGeneralPractice = {"1", "Allmennmedisin"};  // code system 7426

struct HeldSpeciality {
  Code code;
  Day from;
  Day to;
  std::uint8_t end_status;
};

struct HeldApproval {
  Code category;  // code system 9060
  Code type;      // code system 7704
  Day from;
  Day to;
  std::uint8_t end_status;
  bool is_main;  // the one that the person's reactions, rights and training belong to
  std::vector<HeldSpeciality> specialities;
};

[[nodiscard]] Code SexOf(const Person& person, std::uint64_t key);  // code system 3101
[[nodiscard]] Code EndStatus(std::uint8_t status);
[[nodiscard]] std::string NinOf(const Person& person, std::uint64_t key);  // with wrong control digits if `bad_nin`

// Those before the main one first, then the main one, then one that does not count (D18). The `key` chooses between
// other professions.
[[nodiscard]] std::vector<HeldApproval> ApprovalsOf(const Person& person, std::uint64_t key);

// Whether the person's administrative reaction stands at this place. On a speciality: that of general practice.
[[nodiscard]] bool HasReactionAt(const Person& person, ReactionAt place);

}  // namespace flosync::synthetic
