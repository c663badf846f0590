// libedit, and what Swift's importer cannot see of it: el_set, el_get and history are variadic, so each
// shape of arguments that we need has a function of its own here. Also three things that Swift's Glibc
// leaves out: wcwidth, eventfd and the standard streams, which Swift takes for shared variables.
#pragma once
#include <histedit.h>
#include <stdint.h>
#include <stdio.h>
#include <sys/eventfd.h>
#include <sys/ioctl.h>
#include <wchar.h>

extern int wcwidth(wchar_t c);

/// An editor on the standard streams.
static inline EditLine *shim_el_init(const char *program) {
  return el_init(program, stdin, stdout, stderr);
}

static inline int shim_el_set_text(EditLine *editor, int what, const char *value) {
  return el_set(editor, what, value);
}

static inline int shim_el_set_flag(EditLine *editor, int what, int value) {
  return el_set(editor, what, value);
}

/// EL_REFRESH: draws prompt and line, taking the cursor to be at the start of an empty row.
static inline void shim_el_refresh(EditLine *editor) { el_set(editor, EL_REFRESH); }

static inline int shim_el_set_pointer(EditLine *editor, void *value) {
  return el_set(editor, EL_CLIENTDATA, value);
}

static inline void *shim_el_get_pointer(EditLine *editor) {
  void *value = NULL;
  el_get(editor, EL_CLIENTDATA, &value);
  return value;
}

static inline int shim_el_set_prompt(EditLine *editor, char *(*prompt)(EditLine *)) {
  return el_set(editor, EL_PROMPT, prompt);
}

/// Debian's libedit is the wide build: the reader stores a wchar_t and returns 1, 0 at the end.
static inline int shim_el_set_reader(EditLine *editor, int (*read)(EditLine *, wchar_t *)) {
  return el_set(editor, EL_GETCFN, read);
}

static inline int shim_el_add_function(
    EditLine *editor, const char *name, const char *help,
    unsigned char (*run)(EditLine *, int)) {
  return el_set(editor, EL_ADDFN, name, help, run);
}

static inline int shim_el_bind(EditLine *editor, const char *key, const char *function) {
  return el_set(editor, EL_BIND, key, function, NULL);
}

/// Terminal modes while a line is edited, such as "-isig".
static inline int shim_el_set_editing_mode(EditLine *editor, const char *mode) {
  return el_set(editor, EL_SETTY, "-d", mode, NULL);
}

static inline int shim_el_set_history(EditLine *editor, History *lines) {
  return el_set(editor, EL_HIST, history, lines);
}

static inline int shim_history_number(History *lines, int what, int value) {
  HistEvent event;
  return history(lines, &event, what, value);
}

static inline int shim_history_text(History *lines, int what, const char *value) {
  HistEvent event;
  return history(lines, &event, what, value);
}

/// Writes to standard output in order with what libedit writes there.
static inline void shim_write(const char *bytes, size_t count) {
  fwrite(bytes, 1, count, stdout);
  fflush(stdout);
}

/// Columns and rows of the terminal on standard output; 0 when it does not say.
static inline void shim_terminal_size(int *columns, int *rows) {
  struct winsize size = {0};
  if (ioctl(1, TIOCGWINSZ, &size) != 0) size.ws_col = size.ws_row = 0;
  *columns = size.ws_col;
  *rows = size.ws_row;
}
