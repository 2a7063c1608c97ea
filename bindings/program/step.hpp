// Steps of a random program, what earlier ones left, and the lines of a transcript. make.py has the form of both.
#pragma once

#include <remit/remit.h>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

// One value of a step, as it is written there.
struct Value {
    enum class Kind { null, number, bytes, reference, structure, array, word };
    Kind kind = Kind::null;
    std::uint64_t number = 0;  // a negative one as its two's complement
    std::string text;          // bytes; the word; the reference's path
    std::map<std::string, Value, std::less<>> fields;
    std::vector<Value> items;

    const Value &operator[](std::string_view name) const;
};

struct Step {
    std::uint64_t number = 0;
    std::string function;
    Value given;

    const Value &operator[](std::string_view name) const { return given[name]; }
    bool is(std::string_view output, std::string_view word) const;
    bool null(std::string_view output) const { return is(output, "null"); }
};
Step parse_step(std::string_view line);

// An output's name: the step and the path in it.
struct Name {
    std::uint64_t step = 0;
    std::string path;
    friend auto operator<=>(const Name &, const Name &) = default;
    Name operator/(std::string_view more) const { return {step, path + "." + std::string(more)}; }
};

std::string encode(std::string_view bytes);
std::string shown(const char *text);

class Run {
public:
    // ---- inputs
    template <class T>
    T *handle(const Value &given) const {
        return static_cast<T *>(handle_of(given));
    }
    template <class T>
    void number(const Value &given, T &made) const {
        made = static_cast<T>(number_of(given));
    }
    template <class T>
    void bytes(const Value &given, const T *&data, std::size_t &length) {
        const std::string *kept = bytes_of(given);
        data = kept ? static_cast<const T *>(static_cast<const void *>(kept->data())) : nullptr;
        length = kept ? kept->size() : 0;
    }
    template <class T>
    const T *structure(const Value &given) {
        if (given.kind == Value::Kind::null) return nullptr;
        auto made = std::make_shared<T>();
        fill(*this, given, *made);
        memory_.push_back(made);
        return made.get();
    }
    template <class T>
    void structures(const Value &given, const T *&data, std::size_t &count) {
        if (given.kind == Value::Kind::null) return;
        auto made = std::make_shared<std::vector<T>>(std::max<std::size_t>(given.items.size(), 1));
        for (std::size_t i = 0; i < given.items.size(); ++i) fill(*this, given.items[i], (*made)[i]);
        memory_.push_back(made);
        data = made->data();
        count = given.items.size();
    }

    // ---- outputs
    void keep(const Name &name, std::string text) { kept_[name].text = std::move(text); }
    void keep(const Name &name, std::uint64_t number) { kept_[name].number = number; }
    void keep(const Name &name, void *handle) { kept_[name].handle = handle; }
    void keep(const Name &name, remit_blob *blob) {
        kept_[name].handle = blob;
        kept_[name].text.assign(remit_blob_data(blob), remit_blob_len(blob));
    }
    // The inputs of a step are not needed behind it.
    void forget_inputs() {
        memory_.clear();
        texts_.clear();
    }

private:
    struct Kept {
        void *handle = nullptr;
        std::uint64_t number = 0;
        std::string text;
    };
    const Kept *find(const Value &given) const;
    void *handle_of(const Value &given) const;
    std::uint64_t number_of(const Value &given) const;
    const std::string *bytes_of(const Value &given);

    std::map<Name, Kept> kept_;
    std::vector<std::shared_ptr<void>> memory_;
    std::deque<std::string> texts_;
};

// {name=...,name=...}
class Fields {
public:
    Fields(Run &run, const Name &name) : run_(run), name_(name) {}
    void add(std::string_view field, const std::string &said);
    void text(std::string_view field, const char *value);
    void text(std::string_view field, const void *value, std::size_t length);
    void handle(std::string_view field, const void *value) { add(field, value ? "handle" : "null"); }
    template <class T>
    void number(std::string_view field, T value) {
        run_.keep(name_ / field, static_cast<std::uint64_t>(value));
        add(field, std::to_string(value));
    }
    std::string done() const { return "{" + text_ + "}"; }

private:
    Run &run_;
    const Name &name_;
    std::string text_;
};

// One line of the transcript.
class Line {
public:
    Line(Run &run, const Step &step, const std::string &result);
    Line(Run &run, const Step &step, remit_status status, const remit_async *async);
    template <class T>
    void number(std::string_view name, T value) {
        if (silent(name)) return;
        run_.keep(Name{step_.number, std::string(name)}, static_cast<std::uint64_t>(value));
        add(name, std::to_string(value));
    }
    void handle(std::string_view name, void *value);
    void blob(std::string_view name, remit_blob *value);
    template <class T>
    void structure(std::string_view name, const T &made) {
        if (silent(name)) return;
        const Name kept{step_.number, std::string(name)};
        run_.keep(kept, std::string(made.text));
        add(name, show(run_, kept, made));
    }
    template <class T>
    void structures(std::string_view name, const std::vector<T> &made, std::size_t count) {
        if (silent(name)) return;
        std::string said;
        for (std::size_t i = 0; i < count; ++i)
            said += (i ? "," : "") + show(run_, Name{step_.number, std::string(name)} / std::to_string(i), made[i]);
        add(name, "[" + said + "]");
    }
    void error(remit_error *value);
    std::string done() const { return text_; }

private:
    bool silent(std::string_view name) const { return left_alone_ || step_.null(name); }
    void add(std::string_view name, const std::string &said);

    Run &run_;
    const Step &step_;
    bool left_alone_ = false;
    std::string text_;
};
