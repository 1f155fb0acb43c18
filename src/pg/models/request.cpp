#include "pg/models/request.hpp"

#include <algorithm>

#include "core/base/error.hpp"
#include "core/base/number_text.hpp"
#include "pg/bridge/column_types.hpp"
#include "pg/bridge/json.hpp"

namespace fairdb::pg {
namespace {

[[noreturn]] void raise_bad_class_weight(const std::string& text) {
  throw Error(
      ErrorKind::InvalidArgument,
      "class_weight is \"" + text + "\", expected \"balanced\" or two numbers",
      "Of the negative and of the positive rows: class_weight => '1,5' or "
      "'{\"0\": 1, \"1\": 5}' for a positive row that counts five times; with positive => 'good' "
      "also '{\"bad\": 1, \"good\": 5}'.");
}

WeightsByKey weights_by_key(const std::string& text) {
  WeightsByKey weights{text, {}};
  backend([&] {
    constexpr const char* kWhat = "class_weight";
    each_member(parse_object(text.c_str(), kWhat),
                [&](std::string_view key, const JsonbValue& value) {
                  weights.list.emplace_back(key, number_of(value, kWhat));
                });
  });
  if (weights.list.size() != 2) raise_bad_class_weight(text);
  return weights;
}

// {"0": 1, "1": 5}, as scikit-learn writes it; or with the keys -1 and 1, or false and true.
ClassWeight of_classes(const WeightsByKey& weights) {
  const auto of = [&](std::initializer_list<const char*> keys) {
    std::optional<double> found;
    for (const auto& [key, weight] : weights.list) {
      if (std::find(keys.begin(), keys.end(), key) != keys.end()) found = weight;
    }
    if (!found) raise_bad_class_weight(weights.text);
    return *found;
  };
  return {false, of({"0", "-1", "false"}), of({"1", "true"})};
}

// "balanced", or two numbers: of the negative and of the positive class.
ClassWeight class_weight_named(const std::string& text) {
  if (text == "balanced") return {true, 1, 1};
  std::string numbers = text;
  std::erase_if(numbers,
                [](char c) { return std::string_view("{}[] ").find(c) != std::string_view::npos; });
  const std::size_t comma = numbers.find(',');
  if (comma == std::string::npos) raise_bad_class_weight(text);
  const auto parse = [&](const std::string& part) {
    const std::optional<double> value = parse_number(part);
    if (!value) raise_bad_class_weight(text);
    return *value;
  };
  return {false, parse(numbers.substr(0, comma)), parse(numbers.substr(comma + 1))};
}

std::int32_t checked_bins(const Arguments& arguments) {
  if (arguments.null("bins")) return 0;
  const std::int32_t bins = arguments.small_integer("bins");
  if (bins < 1 || bins > 100) {
    throw Error(ErrorKind::InvalidArgument, "bins must be 1 to 100");
  }
  return bins;
}

double checked_share(double share) {
  if (share >= 0 && share < 1) return share;
  throw Error(ErrorKind::InvalidArgument, "held_out must be a share from 0 to below 1",
              "held_out => 0.2 keeps a fifth of the rows apart, to judge the model on.");
}

void read_features(const Arguments& arguments, TrainingRequest& request) {
  request.features = arguments.optional_names("features");
  if (!arguments.has("exclude")) return;
  request.exclude = arguments.names_or_none("exclude");
  if (request.features && !request.exclude.empty()) {
    throw Error(ErrorKind::InvalidArgument, "features and exclude are both given",
                "features names the columns to use, exclude those of all others not to use.");
  }
}

// What all forms have. target: its column, empty for none.
TrainingRequest common_request(const Arguments& arguments, std::string target) {
  TrainingRequest request;
  FairModel& model = request.model;
  request.source = arguments.text("source");
  model.target = std::move(target);
  read_features(arguments, request);
  model.options.fairness = named<Fairness>(arguments.text("fairness"));
  model.options.standardize = arguments.boolean("standardize");
  model.weight = arguments.optional_text("weight").value_or("");
  request.positive = arguments.optional_text("positive");
  model.grouping = named<Grouping>(arguments.text("attributes"));
  request.bins = checked_bins(arguments);
  model.on_null = named<OnNull>(arguments.text("on_null"));
  // Without fairness there need be no groups.
  if (model.options.fairness != Fairness::None || !arguments.null("sensitive")) {
    model.sensitive = arguments.names("sensitive");
  }
  if (std::find(model.sensitive.begin(), model.sensitive.end(), model.target) !=
      model.sensitive.end()) {
    throw Error(ErrorKind::InvalidArgument,
                "sensitive names the target column \"" + model.target + "\"");
  }
  return request;
}

void read_class_weight(const Arguments& arguments, TrainingRequest& request) {
  const auto text = arguments.optional_text("class_weight");
  if (!text) return;
  ClassWeight& weight = request.model.options.class_weight;
  if (!is_written_object(*text)) {
    weight = class_weight_named(*text);
  } else if (request.positive) {
    // Whose weights these are, the target's column tells.
    const auto& list = request.class_weight.emplace(weights_by_key(*text)).list;
    weight = {false, list.front().second, list.back().second};
  } else {
    weight = of_classes(weights_by_key(*text));
  }
}

// A single model, to be used.
TrainingRequest fitting_request(const Arguments& arguments) {
  TrainingRequest request = common_request(arguments, arguments.text("target"));
  FairModel& model = request.model;
  model.options.loss = loss_named(arguments.text("loss"));
  model.options.epsilon = arguments.number("epsilon");
  model.options.c = arguments.number("c");
  read_class_weight(arguments, request);
  model.on_unseen = named<OnUnseen>(arguments.text("on_unseen"));
  model.held_out_share = checked_share(arguments.number("held_out"));
  model.seed = arguments.integer("seed");
  return request;
}

// All but gamma.
KernelOptions kernel_options(const Arguments& arguments, std::int64_t seed) {
  KernelOptions kernel;
  kernel.kernel.kind = named<KernelKind>(arguments.text("kernel"));
  kernel.kernel.degree = arguments.small_integer("degree");
  kernel.kernel.coef0 = arguments.number("coef0");
  kernel.components = arguments.small_integer("components");
  kernel.seed = static_cast<std::uint64_t>(seed);
  return kernel;
}

// A grid of models that are judged and thrown away.
GridRequest grid_request(const Arguments& arguments) {
  GridRequest grid;
  grid.training = common_request(arguments, arguments.text("target"));
  FairModel& model = grid.training.model;
  // The loss of each trainer, unless another one is asked for.
  const auto loss = arguments.optional_text("loss");
  model.options.loss = loss                       ? loss_named(*loss)
                       : arguments.null("kernel") ? AnyLoss(Logistic{})
                                                  : AnyLoss(Hinge{});
  read_class_weight(arguments, grid.training);
  model.seed = arguments.integer("seed");
  grid.folds = arguments.small_integer("folds");
  return grid;
}

// gammas: the argument gamma, as a list.
void read_kernel(const Arguments& arguments, std::vector<double> gammas, GridRequest& grid) {
  if (!arguments.null("kernel")) {
    grid.kernel = kernel_options(arguments, grid.training.model.seed);
    grid.gammas = std::move(gammas);
  } else if (!gammas.empty() || arguments.small_integer("components") != 0) {
    throw Error(ErrorKind::InvalidArgument, "gamma and components need a kernel",
                "For example kernel => 'rbf'.");
  }
}

}  // namespace

TrainingRequest linear_request(const Arguments& arguments) {
  TrainingRequest request = fitting_request(arguments);
  request.model.options.method = named<Method>(arguments.text("method"));
  request.may_count = true;
  request.within = arguments.optional_names("within");
  validate(request.model.options);
  return request;
}

KernelRequest kernel_request(const Arguments& arguments) {
  KernelRequest request;
  request.training = fitting_request(arguments);
  validate(request.training.model.options);
  request.kernel = kernel_options(arguments, request.training.model.seed);
  request.gamma = arguments.optional_number("gamma");
  return request;
}

GridRequest cross_validation_request(const Arguments& arguments) {
  GridRequest grid = grid_request(arguments);
  FairOptions& options = grid.training.model.options;
  options.method = named<Method>(arguments.text("method"));
  validate(options);
  grid.share = arguments.number("share");
  if (!(grid.share > 0 && grid.share <= 1)) {
    throw Error(ErrorKind::InvalidArgument, "share must be above 0 and at most 1",
                "0.9 allows what loses up to a tenth of the best accuracy, and takes the fairest.");
  }
  grid.c = arguments.numbers("c");
  grid.epsilon = arguments.numbers("epsilon");
  read_kernel(arguments, arguments.optional_numbers("gamma").value_or(std::vector<double>{}), grid);
  return grid;
}

GridRequest tradeoff_request(const Arguments& arguments) {
  GridRequest grid = grid_request(arguments);
  const FairOptions& options = grid.training.model.options;
  validate(options);
  if (options.fairness == Fairness::None) {
    throw Error(ErrorKind::InvalidArgument, "tradeoff needs a fairness other than none");
  }
  grid.c = {arguments.number("c")};
  grid.epsilon = arguments.optional_numbers("epsilon");
  std::vector<double> gammas;
  if (const auto gamma = arguments.optional_number("gamma")) gammas.push_back(*gamma);
  read_kernel(arguments, std::move(gammas), grid);
  return grid;
}

namespace {

// All but gamma.
RepresentationRequest representation_without_gamma(const Arguments& arguments) {
  RepresentationRequest request;
  TrainingRequest& training = request.training;
  FairModel& model = training.model;
  training.source = arguments.text("source");
  training.targets = arguments.names("targets");
  if (training.targets.size() > static_cast<std::size_t>(kMaxTasks)) {
    throw Error(ErrorKind::TooLarge, "more than " + std::to_string(kMaxTasks) + " targets");
  }
  read_features(arguments, training);
  model.sensitive = arguments.names("sensitive");
  model.weight = arguments.optional_text("weight").value_or("");
  for (const std::string& target : training.targets) {
    const bool sensitive =
        std::find(model.sensitive.begin(), model.sensitive.end(), target) != model.sensitive.end();
    if (!sensitive && target != model.weight) continue;
    throw Error(ErrorKind::InvalidArgument, std::string("targets and ") +
                                                (sensitive ? "sensitive" : "weight") +
                                                " both name the column \"" + target + "\"");
  }
  model.options.fairness = Fairness::None;
  model.grouping = named<Grouping>(arguments.text("attributes"));
  model.on_null = named<OnNull>(arguments.text("on_null"));
  model.held_out_share = checked_share(arguments.number("held_out"));
  model.seed = arguments.integer("seed");
  RepresentationOptions& options = request.options;
  if (!arguments.null("dimensions")) options.dimensions = arguments.small_integer("dimensions");
  options.hidden = arguments.small_integer("hidden");
  options.term.kind = named<RepresentationDivergence>(arguments.text("divergence"));
  if (const auto epsilon = arguments.optional_number("epsilon")) {
    if (options.term.kind != RepresentationDivergence::Sinkhorn) {
      throw Error(ErrorKind::InvalidArgument,
                  "divergence => '" + std::string(name(options.term.kind)) + "' has no epsilon",
                  "It belongs to divergence => 'sinkhorn'.");
    }
    options.term.epsilon = *epsilon;
  }
  if (!arguments.null("epochs")) options.epochs = arguments.small_integer("epochs");
  options.batch = arguments.small_integer("batch");
  options.learning_rate = arguments.number("learning_rate");
  options.c = arguments.number("c");
  options.seed = model.seed;
  return request;
}

}  // namespace

RepresentationRequest representation_request(const Arguments& arguments) {
  RepresentationRequest request = representation_without_gamma(arguments);
  request.options.gamma = arguments.number("gamma");
  request.training.model.on_unseen = named<OnUnseen>(arguments.text("on_unseen"));
  validate(request.options);
  return request;
}

RepresentationGridRequest representation_grid_request(const Arguments& arguments) {
  RepresentationGridRequest grid{representation_without_gamma(arguments),
                                 arguments.numbers("gamma")};
  for (const double gamma : grid.gamma) {
    grid.representation.options.gamma = gamma;
    validate(grid.representation.options);
  }
  return grid;
}

PreprocessingRequest preprocessing_request(const Arguments& arguments) {
  PreprocessingRequest request;
  request.training =
      common_request(arguments, arguments.optional_text("target").value_or(std::string()));
  FairOptions& options = request.training.model.options;
  options.method = named<Method>(arguments.text("method"));
  validate(options);
  request.id = arguments.text("id");
  request.apply_to = arguments.optional_text("apply_to");
  if (options.fairness == Fairness::None) {
    throw Error(ErrorKind::InvalidArgument, "fair_features needs a fairness other than none");
  }
  if (request.training.model.target.empty() && options.fairness != Fairness::DemographicParity) {
    throw Error(ErrorKind::InvalidArgument,
                "fairness " + std::string(name(options.fairness)) + " needs a target",
                "Name the column: target => '...', or use fairness => 'demographic_parity'.");
  }
  return request;
}

// By the values of the target, one of which is the positive one: {"bad": 1, "good": 5}; or, where
// they can be none, by the names of the classes.
void resolve_class_weight(TrainingRequest& request, const SourceColumn& target) {
  if (!request.class_weight) return;
  const auto& one = request.class_weight->list.front();
  const auto& other = request.class_weight->list.back();
  const auto value = [&](const std::string& written) {
    const std::string known = positive_as_written(target, written);
    const std::optional<double> number =
        is_number(target.base_type) ? parse_number(known) : std::nullopt;
    return number ? shortest_text(*number) : known;
  };
  const std::string positive = value(*request.positive);
  const bool first = value(one.first) == positive;
  const bool second = value(other.first) == positive;
  const bool values = is_number(target.base_type) && can_hold(target, one.first);
  ClassWeight& weight = request.model.options.class_weight;
  if (first != second) {
    weight = {false, (second ? one : other).second, (second ? other : one).second};
  } else if (first || values) {
    raise_bad_class_weight(request.class_weight->text);
  } else {
    weight = of_classes(*request.class_weight);
  }
}

}  // namespace fairdb::pg
