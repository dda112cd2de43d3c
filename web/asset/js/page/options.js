// The options of a conversion, as a form's fields say them. Which there are only the
// form knows: a field is read by its kind.

/** What is known of recipes that were chosen, by their field. @type {WeakMap<HTMLInputElement, object>} */
const recipes = new WeakMap();

/** More than this no server takes; see maxRecipeBytes there. */
const MOST_RECIPE_BYTES = 4 << 20;

/**
 * Choices in the form go before those of a recipe.
 * @param {HTMLFormElement} form
 * @returns {{ merge?: boolean } & Record<string, unknown>} as a job takes them
 */
export function readOptions(form) {
  /** @type {Record<string, unknown>} */
  const options = {};
  for (const field of form.querySelectorAll("[data-options] :is(input, select, textarea)[name]")) {
    if (isRecipe(field)) Object.assign(options, { ...recipes.get(field), ...options });
    else if (!field.hasAttribute("data-no-option")) readField(options, field);
  }
  return options;
}

/** @param {Record<string, unknown>} options @param {Element} field */
function readField(options, field) {
  if (field instanceof HTMLInputElement) {
    const on = field.checked && field.value === "1";
    if (field.type === "checkbox" || field.type === "radio") on && (options[field.name] = true);
    else if (field.type === "number") field.valueAsNumber > 0 && (options[field.name] = field.valueAsNumber);
    else if (field.value.trim()) options[field.name] = field.value.trim();
  } else if (field instanceof HTMLTextAreaElement) {
    const items = linesOf(field.value);
    if (items.length > 0) options[field.name] = items;
  } else if (field instanceof HTMLSelectElement && field.value) {
    options[field.name] = field.value;
  }
}

/** The items of a list, one a line. @param {string} text */
export function linesOf(text) {
  return text.split("\n").map((line) => line.trim()).filter((line) => line !== "");
}

/** @param {EventTarget | null} field @returns {field is HTMLInputElement} */
export function isRecipe(field) {
  return field instanceof HTMLInputElement && field.type === "file" && field.name === "recipe";
}

/**
 * Reads a recipe that was chosen. One that cannot be read is not chosen any more.
 * @param {HTMLInputElement} field
 * @returns {Promise<string>} what a person is to know of it
 */
export async function chooseRecipe(field) {
  recipes.delete(field);
  const file = field.files?.[0];
  if (!file) return "";
  try {
    if (file.size > MOST_RECIPE_BYTES) throw new Error("too long");
    const recipe = recipeOf(await file.text());
    if (field.files?.[0] !== file) return ""; // another one was chosen meanwhile
    recipes.set(field, recipe);
    return recipeSentence(file.name, recipe);
  } catch {
    field.value = "";
    return `${file.name} is no recipe, and is not used.`;
  }
}

/** @param {string} text @returns {Record<string, unknown>} */
function recipeOf(text) {
  const recipe = JSON.parse(text);
  if (recipe === null || typeof recipe !== "object" || Array.isArray(recipe)) throw new Error("no recipe");
  return recipe;
}

/** @param {string} name @param {Record<string, unknown>} recipe */
function recipeSentence(name, { layouts }) {
  const layout = Array.isArray(layouts) && layouts.length > 0 ? ", with the layout of earlier tables" : "";
  return `${name} is used${layout}. What is chosen here goes before it.`;
}
