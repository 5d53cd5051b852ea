#include "state/indicators/observations.h"

#include <iterator>

namespace flosync {

void Observations::Add(Ratio value) {
  if (low_.empty() || !(*low_.rbegin() < value)) {
    low_.insert(value);
  } else {
    high_.insert(value);
  }
  Balance();
}

void Observations::Remove(Ratio value) {
  // An equal value may stand in either half.
  if (const auto it = low_.find(value); it != low_.end()) {
    low_.erase(it);
  } else if (const auto above = high_.find(value); above != high_.end()) {
    high_.erase(above);
  }
  Balance();
}

void Observations::Balance() {
  if (low_.size() > high_.size() + 1) {
    high_.insert(*low_.rbegin());
    low_.erase(std::prev(low_.end()));
  } else if (high_.size() > low_.size()) {
    low_.insert(*high_.begin());
    high_.erase(high_.begin());
  }
}

std::pair<Ratio, Ratio> Observations::Middle() const {
  const Ratio& lower = *low_.rbegin();
  return {lower, low_.size() > high_.size() ? lower : *high_.begin()};
}

}  // namespace flosync
