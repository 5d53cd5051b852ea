// Prints the national figures and every change of them, whatever breaks in between:
//
//   flosync_watch 127.0.0.1:7401
#include <flosync/client/watch.h>

#include <iostream>

int main(int argc, char** argv) {
  flosync::client::Options options;
  if (argc > 1) options.address = argv[1];

  flosync::v1::WatchIndicatorsRequest request;
  request.mutable_filter()->add_levels(flosync::v1::LEVEL_NATION);
  request.set_initial_state(true);

  flosync::client::IndicatorWatch watch(flosync::client::Connect(options), options, request,
                                        {.wait_for_daemon = true, .begin_anew = true});
  while (const auto event = watch.Next()) {
    for (const flosync::v1::IndicatorUpdate& update : event->updates) {
      const flosync::v1::IndicatorRow& row = update.new_row();
      std::cout << event->revision << ' ' << row.measure() << '.' << row.breakdown() << ' ' << row.value() << '\n';
    }
    // A program that keeps what it is told would keep event->resume_token with it.
    std::cout << std::flush;
  }
  std::cerr << watch.status().error_message() << '\n';
  return 1;
}
