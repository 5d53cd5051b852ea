// Gathers what the clock alone will change: days on which something changes at midnight, instants at which it does at
// once (R9). Days and instants that have passed, and open bounds, are left out.
#pragma once

#include <algorithm>

#include "domain/day.h"
#include "domain/oslo.h"
#include "state/indicators/list_facts.h"
#include "state/register/register.h"

namespace flosync {

class Ahead {
 public:
  explicit Ahead(const Moment& at) : at_(at) {}
  void OnDay(Day d) {
    if (d > at_.d) day_ = std::min(day_, d);
  }
  // `days` after a day that may be an open bound; before it if negative.
  void OnDayPlus(Day d, int32_t days) {
    if (d != Day::Min() && d != Day::Max()) OnDay(d.Plus(days));
  }
  void OnPeriod(const Period& p) {
    OnDay(p.from);
    OnDay(p.to);
  }
  void OnInstant(Instant t) {
    if (t > at_.t) instant_ = std::min(instant_, t);
  }
  // The surviving number at t; the instants at which it may become another are ahead (R5).
  int32_t Resolve(const Register& reg, int32_t hpr_number) {
    for (const int32_t on_the_way : reg.NumbersAhead(hpr_number)) {
      const PersonState* person = reg.FindPerson(on_the_way);
      if (person) OnInstant(person->presence.NextChangeAfter(at_.t));
    }
    return reg.Surviving(hpr_number, at_.t);
  }
  // Instant::Max() if nothing is ahead.
  [[nodiscard]] Instant Next() const { return day_ == Day::Max() ? instant_ : std::min(instant_, StartOfDay(day_)); }

 private:
  const Moment& at_;
  Day day_ = Day::Max();
  Instant instant_ = Instant::Max();
};

}  // namespace flosync
