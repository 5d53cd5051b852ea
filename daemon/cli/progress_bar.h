// A line on a terminal that shows how far long work has come, and is gone when the work is done.
//
//   ProgressBar bar(context, "replaying");
//   bar.Show(0.41, "123456 records");  // replaying  [########------------]  41 %  123456 records
//
// Draws on the context's `err`, and only if that is a terminal. One thread.
#pragma once

#include <chrono>
#include <string>
#include <string_view>

#include "daemon/cli/command.h"

namespace flosync {

class ProgressBar {
 public:
  // The context outlives this.
  ProgressBar(CommandContext& context, std::string_view what) : context_(context), what_(what) {}
  // Clears the line.
  ~ProgressBar();
  ProgressBar(const ProgressBar&) = delete;
  ProgressBar& operator=(const ProgressBar&) = delete;

  // `share` of the work is done, 0..1. Draws ten times a second at most.
  void Show(double share, std::string_view detail);

 private:
  CommandContext& context_;
  const std::string what_;
  std::chrono::steady_clock::time_point drawn_;
};

}  // namespace flosync
