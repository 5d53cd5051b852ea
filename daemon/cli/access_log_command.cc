// flosync access-log verify: whether the access log is as it was written.
#include <fstream>
#include <memory>
#include <string>

#include "daemon/cli/command.h"
#include "daemon/security/access_log_check.h"
#include "domain/text.h"

namespace flosync {
namespace {

struct VerifyFlags {
  std::string path;
  std::string hash;
};

void Verify(const VerifyFlags& flags, CommandContext& context) {
  std::ifstream file(flags.path, std::ios::binary);
  if (!file) return Fail(context, Join("cannot read ", flags.path, "; check the path and who may read it"));
  const AccessLogReport report = VerifyAccessLog(file, flags.hash);
  if (report.first_bad_line > 0) {
    return Fail(context, Join(flags.path, ":", report.first_bad_line,
                              ": this line is not as it was written, or one before it is missing; ", report.end.entries,
                              " entries before it are good. Keep the file and look into it"));
  }
  context.out << report.end.entries << " entries, all as written; the last has hash " << report.end.hash << '\n';
  if (report.torn) Note(context, "the last line has no end: it is being written, or a crash has torn it");
  if (!flags.hash.empty() && !report.contains_wanted) {
    Fail(context, Join("no entry has hash ", flags.hash, ": entries have been cut off, or it is another log's"));
  }
}

}  // namespace

void AddAccessLogCommand(CLI::App& app, CommandContext& context) {
  auto* log = app.add_subcommand("access-log", "Check the log of who has read about which doctors");
  log->group(std::string(kGroupSetUp));
  log->require_subcommand(1);
  log->footer("Example: flosync access-log verify /var/lib/flosync/access_log.ndjson");

  auto* verify = log->add_subcommand("verify", "Tell whether every line is as it was written and none is missing");
  verify->footer("Example: flosync access-log verify /var/lib/flosync/access_log.ndjson --contains-hash HASH");
  const auto flags = std::make_shared<VerifyFlags>();
  verify->add_option("FILE", flags->path, "The access log")->type_name("")->required();
  verify
      ->add_option("--contains-hash", flags->hash,
                   "A hash noted before, as from the daemon's log at start: finds lines cut off at the end")
      ->type_name("HASH");
  verify->callback([flags, &context] { Verify(*flags, context); });
}

}  // namespace flosync
