// SPDX-License-Identifier: Apache-2.0
#include "sluice/api/threshold_journal.hpp"

#include <fmt/format.h>
#include <nlohmann/json.hpp>
#include <sqlite3.h>
#include <utility>
#include <vector>

#include "sluice/api/json_float.hpp"

namespace sluice::api {
namespace {

constexpr std::string_view kThresholdJournal = "sluice.threshold-journal/1";

constexpr const char* kCreate =
    "CREATE TABLE search (format TEXT NOT NULL, identity TEXT NOT NULL);"
    "CREATE TABLE trials (thresholds TEXT PRIMARY KEY, number INTEGER NOT NULL,"
    " ended TEXT NOT NULL, images INTEGER NOT NULL, right INTEGER NOT NULL,"
    " right_before INTEGER NOT NULL, lost_points REAL NOT NULL, least_lost_points REAL NOT NULL,"
    " most_lost_points REAL NOT NULL, zero_products REAL NOT NULL, fps REAL NOT NULL,"
    " layers TEXT NOT NULL, design TEXT);"
    "CREATE TABLE sensitivities (kind TEXT NOT NULL, layer TEXT NOT NULL,"
    " threshold REAL NOT NULL, loss REAL NOT NULL, nonzero_products TEXT NOT NULL,"
    " PRIMARY KEY (kind, layer, threshold));";

// A statement with its parameters; columns and parameters are met in their order.
class Statement {
 public:
  Statement(sqlite3* database, std::string_view sql) {
    is_ok_ = sqlite3_prepare_v2(database, sql.data(), static_cast<int>(sql.size()), &statement_,
                                nullptr) == SQLITE_OK;
  }
  Statement(const Statement&) = delete;
  Statement& operator=(const Statement&) = delete;
  ~Statement() { sqlite3_finalize(statement_); }

  Statement& bind(const std::string& text) {
    return note(sqlite3_bind_text64(statement_, ++parameter_, text.data(), text.size(),
                                    SQLITE_TRANSIENT, SQLITE_UTF8));
  }
  Statement& bind(std::int64_t number) {
    return note(sqlite3_bind_int64(statement_, ++parameter_, number));
  }
  Statement& bind(double number) {
    return note(sqlite3_bind_double(statement_, ++parameter_, number));
  }
  Statement& bind(const std::optional<std::string>& text) {
    return text ? bind(*text) : note(sqlite3_bind_null(statement_, ++parameter_));
  }

  // SQLITE_ROW, SQLITE_DONE, or an error.
  int step() { return is_ok_ ? sqlite3_step(statement_) : SQLITE_ERROR; }

  std::string text() {
    const auto* bytes = reinterpret_cast<const char*>(sqlite3_column_text(statement_, column_));
    const auto size = static_cast<std::size_t>(sqlite3_column_bytes(statement_, column_++));
    return bytes == nullptr ? std::string() : std::string(bytes, size);
  }
  std::int64_t integer() { return sqlite3_column_int64(statement_, column_++); }
  double number() { return sqlite3_column_double(statement_, column_++); }

 private:
  Statement& note(int code) {
    is_ok_ = is_ok_ && code == SQLITE_OK;
    return *this;
  }

  sqlite3_stmt* statement_ = nullptr;
  bool is_ok_ = false;
  int parameter_ = 0;
  int column_ = 0;
};

Json json_of_layers(const std::vector<TrialLayer>& layers) {
  Json result = Json::array();
  for (const TrialLayer& layer : layers) {
    result.push_back({layer.name, layer.zero_products, layer.zero_weights, layer.cycles});
  }
  return result;
}

Result<std::vector<TrialLayer>> parse_layers(const std::string& text) {
  SL_TRY(const Json document, parse_json(text));
  const JsonReader reader(document);
  SL_TRY(const auto rows, reader.elements());
  std::vector<TrialLayer> layers;
  layers.reserve(rows.size());
  constexpr std::size_t kColumns = 4;
  for (const JsonReader& row : rows) {
    SL_TRY(const auto cells, row.elements());
    if (cells.size() != kColumns) return row.error("is not a name and three numbers");
    TrialLayer layer;
    SL_TRY(layer.name, cells[0].string());
    SL_TRY(layer.zero_products, cells[1].number());
    SL_TRY(layer.zero_weights, cells[2].number());
    SL_TRY(layer.cycles, cells[3].number());
    layers.push_back(std::move(layer));
  }
  return layers;
}

Result<std::vector<double>> parse_shares(const std::string& text) {
  SL_TRY(const Json document, parse_json(text));
  const JsonReader reader(document);
  SL_TRY(const auto elements, reader.elements());
  std::vector<double> shares;
  shares.reserve(elements.size());
  for (const JsonReader& element : elements) {
    SL_TRY(shares.emplace_back(), element.number());
  }
  return shares;
}

Result<Trial> parse_trial(Statement& row) {
  Trial trial;
  trial.number = row.integer();
  const std::string ended = row.text();
  const auto end = trial_end_from_string(ended);
  if (!end) return Error{ErrorCode::Parse, "no way for a trial to end: " + ended};
  trial.end = *end;
  trial.images = row.integer();
  trial.right = row.integer();
  trial.right_before = row.integer();
  trial.lost_points = row.number();
  trial.least_lost_points = row.number();
  trial.most_lost_points = row.number();
  trial.zero_products = row.number();
  trial.fps = row.number();
  SL_TRY(trial.layers, parse_layers(row.text()));
  const std::string design = row.text();
  if (!design.empty()) {
    SL_TRY(const Json document, parse_json(design));
    SL_TRY(trial.design, hw::parse_design(document));
  }
  return trial;
}

std::string kind_of(const ThresholdKnobInfo& knob) {
  return knob.is_rectifier ? "rectifier" : "weights";
}

Error no_journal(const std::filesystem::path& path, const std::string& why) {
  return {ErrorCode::Parse,
          fmt::format("is no journal of a search for thresholds ({}); give another name, or delete "
                      "the file",
                      why),
          path.string()};
}

}  // namespace

void ThresholdJournal::Close::operator()(sqlite3* database) const {
  sqlite3_close(database);
}

Error ThresholdJournal::failure() const {
  const std::string why = sqlite3_errmsg(database_.get());
  switch (sqlite3_errcode(database_.get())) {
    case SQLITE_NOTADB:
    case SQLITE_CORRUPT:
    case SQLITE_ERROR:  // another schema
      return no_journal(path_, why);
    default:
      return {ErrorCode::Io, why, path_.string()};
  }
}

Status ThresholdJournal::execute(const char* sql) const {
  if (sqlite3_exec(database_.get(), sql, nullptr, nullptr, nullptr) == SQLITE_OK) return {};
  Error error = failure();
  // Whatever was begun; an error of this is that none was.
  sqlite3_exec(database_.get(), "ROLLBACK", nullptr, nullptr, nullptr);
  return error;
}

Status ThresholdJournal::connect(const std::filesystem::path& path) {
  constexpr int kPatienceMilliseconds = 5000;
  path_ = path;
  sqlite3* database = nullptr;
  const int code =
      sqlite3_open_v2(path.c_str(), &database, SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE, nullptr);
  database_.reset(database);
  if (code != SQLITE_OK) return failure();
  sqlite3_busy_timeout(database, kPatienceMilliseconds);
  Statement check(database, "PRAGMA quick_check(1)");
  if (check.step() != SQLITE_ROW) return failure();
  if (const std::string found = check.text(); found != "ok") return no_journal(path, found);
  return {};
}

Result<std::string> ThresholdJournal::identity() const {
  Statement row(database_.get(), "SELECT format, identity FROM search");
  if (row.step() != SQLITE_ROW) return failure();
  const std::string format = row.text();
  if (format != kThresholdJournal) return no_journal(path_, "its format is " + format);
  return row.text();
}

Status ThresholdJournal::begin(const std::string& identity, bool resume) {
  Statement tables(database_.get(), "SELECT count(*) FROM sqlite_master");
  if (tables.step() != SQLITE_ROW) return failure();
  const bool is_new = tables.integer() == 0;
  if (!is_new) {
    SL_TRY(const std::string found, this->identity());
    if (resume && found == identity) return {};
    if (resume) {
      return Error{ErrorCode::InvalidArgument,
                   "belongs to a search with another model, data, device or options; give the same "
                   "ones, or leave out --resume to start afresh",
                   path_.string()};
    }
  }
  SL_TRY_STATUS(execute("BEGIN IMMEDIATE"));
  SL_TRY_STATUS(execute(is_new ? kCreate
                               : "DELETE FROM search; DELETE FROM trials; DELETE FROM "
                                 "sensitivities"));
  Statement insert(database_.get(), "INSERT INTO search VALUES (?, ?)");
  insert.bind(std::string(kThresholdJournal)).bind(identity);
  if (insert.step() != SQLITE_DONE) return failure();
  return execute("COMMIT");
}

Result<ThresholdJournal> ThresholdJournal::open(const std::filesystem::path& path,
                                                const std::string& identity, bool resume) {
  ThresholdJournal journal;
  if (path.empty()) return journal;
  SL_TRY_STATUS(journal.connect(path));
  SL_TRY_STATUS(journal.begin(identity, resume));
  return journal;
}

Result<std::optional<Trial>> ThresholdJournal::trial(const Thresholds& thresholds) const {
  if (!database_) return std::optional<Trial>();
  Statement row(database_.get(),
                "SELECT number, ended, images, right, right_before, lost_points, "
                "least_lost_points, most_lost_points, zero_products, fps, layers, design "
                "FROM trials WHERE thresholds = ?");
  const int code = row.bind(key_of(thresholds)).step();
  if (code == SQLITE_DONE) return std::optional<Trial>();
  if (code != SQLITE_ROW) return failure();
  auto trial = parse_trial(row);
  if (!trial) return no_journal(path_, trial.error().text());
  trial->thresholds = thresholds;
  return std::optional(*std::move(trial));
}

Result<std::optional<Sensitivity>> ThresholdJournal::sensitivity(const ThresholdKnobInfo& knob,
                                                                 float threshold) const {
  if (!database_) return std::optional<Sensitivity>();
  Statement row(database_.get(),
                "SELECT loss, nonzero_products FROM sensitivities "
                "WHERE kind = ? AND layer = ? AND threshold = ?");
  const int code = row.bind(kind_of(knob)).bind(knob.layer).bind(double{threshold}).step();
  if (code == SQLITE_DONE) return std::optional<Sensitivity>();
  if (code != SQLITE_ROW) return failure();
  Sensitivity result{row.number(), {}};
  auto shares = parse_shares(row.text());
  if (!shares) return no_journal(path_, shares.error().text());
  result.nonzero_products = *std::move(shares);
  return std::optional(std::move(result));
}

Status ThresholdJournal::record(const Trial& trial) {
  if (!database_) return {};
  std::optional<std::string> design;
  if (trial.design) design = hw::to_json(*trial.design).dump();
  Statement insert(database_.get(),
                   "INSERT OR REPLACE INTO trials VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)");
  insert.bind(key_of(trial.thresholds))
      .bind(trial.number)
      .bind(std::string(to_string(trial.end)))
      .bind(trial.images)
      .bind(trial.right)
      .bind(trial.right_before)
      .bind(trial.lost_points)
      .bind(trial.least_lost_points)
      .bind(trial.most_lost_points)
      .bind(trial.zero_products)
      .bind(trial.fps)
      .bind(json_of_layers(trial.layers).dump())
      .bind(design);
  return insert.step() == SQLITE_DONE ? Status() : Status(failure());
}

Status ThresholdJournal::record(const ThresholdKnobInfo& knob, float threshold,
                                const Sensitivity& sensitivity) {
  if (!database_) return {};
  Statement insert(database_.get(), "INSERT OR REPLACE INTO sensitivities VALUES (?, ?, ?, ?, ?)");
  insert.bind(kind_of(knob))
      .bind(knob.layer)
      .bind(double{threshold})
      .bind(sensitivity.loss)
      .bind(Json(sensitivity.nonzero_products).dump());
  return insert.step() == SQLITE_DONE ? Status() : Status(failure());
}

}  // namespace sluice::api
