// SPDX-License-Identifier: Apache-2.0
#include "sluice/api/train_state.hpp"

#include <algorithm>
#include <nlohmann/json.hpp>
#include <string_view>
#include <variant>

#include "sluice/base/json.hpp"
#include "sluice/export/safetensors.hpp"
#include "sluice/import/checkpoint.hpp"

namespace sluice::api {
namespace {

constexpr std::string_view kTrainState = "sluice.training-state/1";
constexpr const char* kStateKey = "sluice";

Json json_of_row(const train::EpochRow& row) {
  return {{"epoch", row.epoch},
          {"rate", row.rate},
          {"loss", row.loss},
          {"images", row.images},
          {"right", row.right},
          {"validation", {row.validation.count, row.validation.top1, row.validation.top5}},
          {"validation_loss", row.validation_loss},
          {"images_per_s", row.images_per_s}};
}

Result<double> number_at(const JsonReader& reader, std::string_view key) {
  SL_TRY(const JsonReader member, reader.at(key));
  return member.number();
}

Result<std::int64_t> count_at(const JsonReader& reader, std::string_view key) {
  SL_TRY(const JsonReader member, reader.at(key));
  SL_TRY(const std::int64_t value, member.integer());
  if (value < 0) return member.error("must not be negative");
  return value;
}

Result<train::EpochRow> row_of_json(const JsonReader& reader) {
  train::EpochRow row;
  SL_TRY(row.epoch, count_at(reader, "epoch"));
  SL_TRY(row.rate, number_at(reader, "rate"));
  SL_TRY(row.loss, number_at(reader, "loss"));
  SL_TRY(row.images, count_at(reader, "images"));
  SL_TRY(row.right, count_at(reader, "right"));
  SL_TRY(const JsonReader validation, reader.at("validation"));
  SL_TRY(const auto counts, validation.elements());
  if (counts.size() != 3) return validation.error("must be images, top-1 and top-5");
  SL_TRY(row.validation.count, counts[0].integer());
  SL_TRY(row.validation.top1, counts[1].integer());
  SL_TRY(row.validation.top5, counts[2].integer());
  SL_TRY(row.validation_loss, number_at(reader, "validation_loss"));
  SL_TRY(row.images_per_s, number_at(reader, "images_per_s"));
  return row;
}

Result<train::LoopState> loop_of_json(std::string_view text, const std::string& identity) {
  SL_TRY(const Json value, parse_json(text));
  const JsonReader reader(value);
  SL_TRY_STATUS(reader.check_format(kTrainState));
  SL_TRY(const std::string found, reader.string_at("identity"));
  if (found != identity) {
    return invalid_argument(
        "belongs to a training with another network, other images or options; give the same ones, "
        "or another folder");
  }
  train::LoopState state;
  SL_TRY(state.trainer.step, count_at(reader, "step"));
  SL_TRY(state.loss_sum, number_at(reader, "loss_sum"));
  SL_TRY(state.images, count_at(reader, "images"));
  SL_TRY(state.right, count_at(reader, "right"));
  SL_TRY(state.seconds, number_at(reader, "seconds"));
  SL_TRY(const JsonReader rows, reader.at("rows"));
  SL_TRY(const auto elements, rows.elements());
  state.rows.reserve(elements.size());
  for (const JsonReader& element : elements) {
    SL_TRY(train::EpochRow row, row_of_json(element));
    state.rows.push_back(row);
  }
  return state;
}

}  // namespace

Status write_train_state(const train::LoopState& state, const std::string& identity,
                         const std::filesystem::path& path) {
  Json rows = Json::array();
  for (const train::EpochRow& row : state.rows) rows.push_back(json_of_row(row));
  const Json about{{"format", kTrainState},      {"identity", identity},
                   {"step", state.trainer.step}, {"loss_sum", state.loss_sum},
                   {"images", state.images},     {"right", state.right},
                   {"seconds", state.seconds},   {"rows", std::move(rows)}};
  return exporter::write_safetensors(state.trainer.tensors, {{kStateKey, about.dump()}}, path);
}

Result<train::LoopState> read_train_state(const std::filesystem::path& path,
                                          const std::string& identity) {
  SL_TRY(importer::Checkpoint checkpoint, importer::read_checkpoint(path));
  const auto about =
      std::ranges::find(checkpoint.scalars, kStateKey, &importer::CheckpointScalar::name);
  const auto* text =
      about == checkpoint.scalars.end() ? nullptr : std::get_if<std::string>(&about->value);
  if (text == nullptr) {
    return Error{ErrorCode::Parse, "is no state of a training; give another folder", path.string()};
  }
  auto state = loop_of_json(*text, identity);
  if (!state) return std::move(state).error().at(path.string());
  state->trainer.tensors = std::move(checkpoint.tensors);
  return state;
}

}  // namespace sluice::api
