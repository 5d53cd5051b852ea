#include "tests/bench/load_process.h"

#include <spawn.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cstdlib>
#include <filesystem>
#include <sstream>

#include <absl/status/status.h>

#include "domain/text.h"
#include "tests/support/must.h"

namespace flosync::bench {
namespace {

using Pipe = std::array<int, 2>;

Pipe NewPipe() {
  Pipe ends{};
  if (pipe(ends.data()) != 0) Must(absl::ResourceExhaustedError("no pipe for the client"));
  return ends;
}

pid_t Spawn(std::vector<std::string> words, int in, int out, const std::vector<int>& ours) {
  std::vector<char*> arguments;
  for (std::string& word : words) arguments.push_back(word.data());
  arguments.push_back(nullptr);
  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  posix_spawn_file_actions_adddup2(&actions, in, STDIN_FILENO);
  posix_spawn_file_actions_adddup2(&actions, out, STDOUT_FILENO);
  for (const int end : ours) posix_spawn_file_actions_addclose(&actions, end);
  pid_t pid = 0;
  if (posix_spawn(&pid, arguments[0], &actions, nullptr, arguments.data(), environ) != 0) {
    Must(absl::NotFoundError(Join("cannot start ", words[0], "; build it with ./dev build")));
  }
  posix_spawn_file_actions_destroy(&actions);
  return pid;
}

}  // namespace

LoadProcess::LoadProcess(const std::vector<std::string>& arguments) {
  std::vector<std::string> words = {std::filesystem::read_symlink("/proc/self/exe").replace_filename("flosync_load")};
  words.insert(words.end(), arguments.begin(), arguments.end());
  const Pipe in = NewPipe();
  const Pipe out = NewPipe();
  pid_ = Spawn(std::move(words), in[0], out[1], {in[0], in[1], out[0], out[1]});
  close(in[0]);
  close(out[1]);
  to_ = fdopen(in[1], "w");
  from_ = fdopen(out[0], "r");
}

LoadProcess::~LoadProcess() {
  std::fclose(to_);
  waitpid(pid_, nullptr, 0);
  std::fclose(from_);
}

void LoadProcess::Tell(const std::string& line) {
  std::fputs((line + "\n").c_str(), to_);
  std::fflush(to_);
}

LoadProcess::Figures LoadProcess::Await(std::string_view word) {
  char* line = nullptr;
  size_t size = 0;
  const ssize_t length = getline(&line, &size, from_);
  const std::string text(line, length > 0 ? static_cast<size_t>(length) : 0);
  free(line);
  std::istringstream parts(text);
  std::string part;
  parts >> part;
  if (part != word) Must(absl::InternalError(Join("the client said «", text, "» and not «", word, "»")));
  Figures figures;
  while (parts >> part) {
    const size_t equals = part.find('=');
    figures[part.substr(0, equals)] = std::stod(part.substr(equals + 1));
  }
  return figures;
}

}  // namespace flosync::bench
