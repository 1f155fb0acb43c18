#include "core/report/style.hpp"

namespace fairdb {
namespace {

// Rules are written out for each colour, not by variables: pictures are also shown by programs that
// know no variables.
std::string rule(const std::string& scope,
                 const std::string& selector,
                 const std::string& property,
                 const char* value) {
  return scope + selector + "{" + property + ":" + value + "}";
}

std::string coloured(const std::string& scope, const Colours& colours) {
  std::string css =
      rule(scope, " .t", "fill", colours.text) + rule(scope, " .m", "fill", colours.quiet) +
      rule(scope, " .g", "stroke", colours.line) + rule(scope, " .x", "stroke", colours.quiet) +
      rule(scope, " .w", "fill", colours.band) + rule(scope, " .h", "stroke", colours.card) +
      rule(scope, " .o", "fill", colours.card) + rule(scope, " .fn", "fill", colours.grey) +
      rule(scope, " .sn", "stroke", colours.grey) + rule(scope, " .ft", "fill", colours.text) +
      rule(scope, " .st", "stroke", colours.text) +
      rule(scope, " .fl", "fill", colours.above.text) +
      rule(scope, " .sl", "stroke", colours.above.text);
  for (std::size_t i = 0; i < colours.groups.size(); ++i) {
    css += rule(scope, " .f" + std::to_string(i), "fill", colours.groups[i]);
    css += rule(scope, " .s" + std::to_string(i), "stroke", colours.groups[i]);
  }
  return css;
}

// What does not depend on colours. Text has a halo of the ground, so that it is read over lines.
const char* const kPicture =
    ".fairdb{font-family:Inter,system-ui,-apple-system,'Segoe UI',Roboto,'Helvetica Neue',Arial,"
    "sans-serif;font-size:12px}"
    ".fairdb text{paint-order:stroke;stroke-width:3px;stroke-linejoin:round}"
    ".fairdb .b{font-weight:600}.fairdb .e{text-anchor:end}.fairdb .c{text-anchor:middle}"
    ".fairdb .p{font-size:11px}"
    ".fairdb .g,.fairdb .x{stroke-width:1;fill:none}"
    ".fairdb .d{stroke-dasharray:4 3}"
    ".fairdb .l{fill:none;stroke-width:2;stroke-linejoin:round}"
    ".fairdb .i{fill:none;stroke-width:1.5}.fairdb .o{stroke-width:1.5}";

const char* const kPage =
    "*{box-sizing:border-box}"
    "html{-webkit-text-size-adjust:100%;text-size-adjust:100%}"
    "body{margin:0;font:15px/1.5 Inter,system-ui,-apple-system,'Segoe UI',Roboto,'Helvetica Neue',"
    "Arial,sans-serif}"
    "main{max-width:1128px;margin:0 auto;padding:40px 24px 64px}"
    "h1{font-size:29px;line-height:1.2;margin:2px 0 12px;letter-spacing:-.01em}"
    "h2{font-size:18px;margin:36px 0 16px}h3{font-size:15.5px;margin:0 0 6px}"
    "p{margin:0}.kicker{font-size:13px}.lead{font-size:18px;max-width:50em;line-height:1.45}"
    "h1,.kicker,.lead,h3,.about,td,th,dd,.name{overflow-wrap:anywhere}"
    ".tiles{list-style:none;display:grid;grid-template-columns:repeat(auto-fill,minmax(215px,1fr));"
    "gap:16px;margin:24px 0 0;padding:0}"
    ".tile{border:1px solid;border-top-width:3px;border-radius:8px;padding:14px 16px}"
    ".name,.range{font-size:13px}.value{font-size:27px;font-weight:650;line-height:1.3}"
    ".verdict{display:flex;flex-wrap:wrap;gap:4px 10px;align-items:center;font-size:13px;"
    "margin-top:8px}"
    ".word{border-radius:10px;padding:1px 10px;font-weight:600}"
    ".cards{display:grid;grid-template-columns:repeat(2,minmax(0,1fr));gap:16px}"
    ".card{border:1px solid;border-radius:8px;padding:20px;min-width:0}.across{grid-column:1/-1}"
    ".about{max-width:44em;margin-bottom:12px}.note{font-size:12.5px;margin-top:6px}"
    ".card svg{display:block;width:100%;height:auto}.card svg.small{display:none}"
    "details{margin-top:12px;font-size:13.5px}summary{cursor:pointer}"
    ".scroll{overflow:auto;max-height:420px;margin-top:8px}"
    "table{border-collapse:collapse;font-variant-numeric:tabular-nums;font-size:12.5px}"
    "th,td{padding:3px 12px 3px 0;text-align:right;border-bottom:1px solid;font-weight:400;"
    "white-space:nowrap}"
    "thead th{font-weight:600;vertical-align:bottom;white-space:normal}"
    "tr>:first-child{text-align:left;white-space:normal}"
    "dl{display:grid;grid-template-columns:max-content minmax(0,1fr);gap:6px 16px;margin:0;"
    "font-size:14px}dd{margin:0}dd code{font:13px ui-monospace,'DejaVu Sans Mono',Menlo,Consolas,"
    "monospace}"
    "@media(max-width:920px){.cards{grid-template-columns:minmax(0,1fr)}"
    ".card svg.large{max-width:760px}}"
    "@media(max-width:600px){main{padding:24px 12px 40px}"
    ".card{padding:14px}.card svg.large{display:none}.card svg.small{display:block}"
    "h1{font-size:24px}.lead{font-size:16px}.tiles{grid-template-columns:repeat(auto-fill,minmax("
    "150px,1fr));gap:10px}"
    "dl{grid-template-columns:minmax(0,1fr);gap:0}dd{margin-bottom:8px}}"
    "@media print{@page{margin:12mm}main{padding:0;max-width:none}.card,.tile{break-inside:avoid}"
    ".card{padding:9px}"
    "h2{break-after:avoid}.card svg.large{display:block}.card svg.small{display:none}"
    ".cards{grid-template-columns:repeat(2,minmax(0,1fr))}"
    ".scroll{max-height:none;overflow:visible}body{font-size:12px}"
    "*{-webkit-print-color-adjust:exact;print-color-adjust:exact}}"
    ":focus-visible{outline:2px solid currentColor;outline-offset:2px}";

std::string verdict(const std::string& name, const Colours::Verdict& colours) {
  return "." + name + "{border-top-color:" + colours.border + "}." + name +
         " .word{color:" + colours.text + ";background:" + colours.ground + "}";
}

std::string page_colours(const Colours& colours) {
  const std::string line = colours.line;
  return std::string("body{background:") + colours.ground + ";color:" + colours.text +
         "}.kicker,.about,.note,.name,.range,.limit,dt,summary{color:" + colours.quiet +
         "}.kicker b,.about b{color:" + colours.text + "}.card,.tile{background:" + colours.card +
         ";border-color:" + line + "}th,td{border-color:" + line + "}" +
         verdict("above", colours.above) + verdict("undecided", colours.undecided) +
         verdict("within", colours.within) + verdict("plain", colours.plain) +
         coloured(".fairdb", colours);
}

}  // namespace

std::string picture_style(Theme theme) {
  std::string css = kPicture;
  const auto with_ground = [](const std::string& scope, const Colours& colours) {
    return coloured(scope, colours) + rule(scope, " .ground", "fill", colours.card);
  };
  switch (theme) {
    case Theme::Light:
      return css + with_ground(".fairdb-light", kLight);
    case Theme::Dark:
      return css + with_ground(".fairdb-dark", kDark);
    case Theme::Auto:
      break;
  }
  return css + with_ground(".fairdb-auto", kLight) + "@media(prefers-color-scheme:dark){" +
         with_ground(".fairdb-auto", kDark) + "}";
}

std::string page_style() {
  return std::string(kPage) + kPicture + page_colours(kLight) +
         "@media screen and (prefers-color-scheme:dark){" + page_colours(kDark) +
         "}@media print{body{background:" + kLight.card + "}}";
}

}  // namespace fairdb
