// Which mutant is at work: FLOSYNC_MUTANT of the environment. Included into every source of a build of mutants.
#pragma once

#include <cstdlib>

inline bool Mutant(int number) {
  static const int active = [] {
    const char* text = std::getenv("FLOSYNC_MUTANT");
    return text ? std::atoi(text) : 0;
  }();
  return active == number;
}
