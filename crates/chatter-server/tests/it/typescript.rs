//! TypeScript from the schemas of `docs/api.json`: interfaces for objects,
//! unions for enums, an alias for whatever is one plain value.

use std::fmt::Write;

use serde_json::Value;

const HEAD: &str = "\
// What is said on the wire. Generated from the server's types by
// `UPDATE=1 cargo test -p chatter-server contract`; do not edit.
";

pub fn generate(document: &Value) -> String {
    let schemas = document["components"]["schemas"]
        .as_object()
        .expect("schemas");
    let mut out = HEAD.to_owned();
    for (name, schema) in schemas {
        out += "\n";
        comment(&mut out, "", schema);
        out += &declaration(name, schema, document);
    }
    out
}

fn declaration(name: &str, schema: &Value, document: &Value) -> String {
    if let Some(parts) = schema["allOf"].as_array() {
        return composed(name, parts, document);
    }
    if schema["properties"].is_object() {
        return format!("export interface {name} {}\n", body(schema));
    }
    let text = expression(schema);
    let space = if text.starts_with('\n') { "" } else { " " };
    format!("export type {name} ={space}{text};\n")
}

/// Flattened structs: `extends` where the parent is an object; where it is a
/// union, the fields of our own get a name too, for whoever needs only those.
fn composed(name: &str, parts: &[Value], document: &Value) -> String {
    let (parents, own): (Vec<&Value>, Vec<&Value>) =
        parts.iter().partition(|part| part["$ref"].is_string());
    let parents: Vec<&str> = parents.iter().map(|part| reference(part)).collect();
    let is_union = |name: &str| document["components"]["schemas"][name]["oneOf"].is_array();
    let is_union = parents.iter().any(|name| is_union(name));
    let own = body(own[0]);
    if is_union {
        format!(
            "export interface {name}Head {own}\n\nexport type {name} = {name}Head & {};\n",
            parents.join(" & ")
        )
    } else {
        let parents = parents.join(", ");
        format!("export interface {name} extends {parents} {own}\n")
    }
}

fn body(schema: &Value) -> String {
    let mut out = "{\n".to_owned();
    for (name, property) in schema["properties"].as_object().expect("properties") {
        let required = schema["required"]
            .as_array()
            .is_some_and(|names| names.iter().any(|n| n == name));
        comment(&mut out, "  ", described(property));
        let mark = if required { "" } else { "?" };
        writeln!(out, "  {name}{mark}: {};", expression(property)).unwrap();
    }
    out + "}"
}

/// The alternatives of a union, each on a line of its own where there is more
/// to them than a word.
fn expression(schema: &Value) -> String {
    if schema["$ref"].is_string() {
        return reference(schema).to_owned();
    }
    if let Some(words) = schema["enum"].as_array() {
        let words = words
            .iter()
            .map(|word| format!("'{}'", word.as_str().expect("a word")));
        let words: Vec<String> = words.collect();
        if words.len() > 6 {
            return format!("\n  | {}", words.join("\n  | "));
        }
        return words.join(" | ");
    }
    if let Some(parts) = schema["allOf"].as_array() {
        return parts.iter().map(expression).collect::<Vec<_>>().join(" & ");
    }
    if let Some(parts) = schema["oneOf"].as_array() {
        // Absent, on the wire: never null.
        let parts: Vec<&Value> = parts.iter().filter(|part| part["type"] != "null").collect();
        if let [one] = parts[..] {
            return expression(one);
        }
        return parts.iter().map(|part| alternative(part)).collect();
    }
    let kind = match &schema["type"] {
        Value::Array(kinds) => kinds
            .iter()
            .find(|kind| *kind != "null")
            .and_then(Value::as_str),
        kind => kind.as_str(),
    };
    match kind.unwrap_or_else(|| panic!("a type in {schema}")) {
        "integer" | "number" => "number".into(),
        "array" => format!("{}[]", expression(&schema["items"])),
        "object" if schema["additionalProperties"].is_object() => {
            format!(
                "Record<string, {}>",
                expression(&schema["additionalProperties"])
            )
        }
        "object" => inline(schema),
        plain => plain.to_owned(),
    }
}

fn alternative(schema: &Value) -> String {
    let mut out = "\n".to_owned();
    comment(&mut out, "  ", schema);
    let text = expression(schema);
    let text = if text.contains(" & ") {
        format!("({text})")
    } else {
        text
    };
    out + "  | " + &text
}

fn inline(schema: &Value) -> String {
    let properties = schema["properties"].as_object().expect("properties");
    // What tells the alternatives apart comes first.
    let (tags, others): (Vec<_>, Vec<_>) = properties
        .iter()
        .partition(|(name, _)| *name == "type" || *name == "kind");
    // A field may be called `kind` without being what tells them apart.
    let fields = tags
        .into_iter()
        .rev()
        .chain(others)
        .map(|(name, property)| {
            let required = schema["required"]
                .as_array()
                .is_some_and(|names| names.iter().any(|n| n == name));
            format!(
                "{name}{}: {}",
                if required { "" } else { "?" },
                expression(property)
            )
        });
    format!("{{ {} }}", fields.collect::<Vec<_>>().join("; "))
}

fn reference(schema: &Value) -> &str {
    let path = schema["$ref"].as_str().expect("a reference");
    path.rsplit('/').next().expect("a name")
}

/// Optional fields carry their description one level down.
fn described(schema: &Value) -> &Value {
    if schema["description"].is_string() {
        return schema;
    }
    schema["oneOf"].get(0).unwrap_or(schema)
}

fn comment(out: &mut String, indent: &str, schema: &Value) {
    let Some(text) = schema["description"].as_str() else {
        return;
    };
    let lines: Vec<&str> = text.lines().collect();
    if let [line] = lines[..] {
        writeln!(out, "{indent}/** {line} */").unwrap();
        return;
    }
    writeln!(out, "{indent}/**").unwrap();
    for line in lines {
        let line = format!("{indent} * {line}");
        writeln!(out, "{}", line.trim_end()).unwrap();
    }
    writeln!(out, "{indent} */").unwrap();
}
