#include "capi/call.hpp"

#include <remit/events.h>
#include <remit/json.hpp>

using namespace remit;
using namespace remit::capi;

extern "C" {

remit_status remit_events_next(remit_engine *engine, const char *consumer, size_t consumer_len, int32_t event_count,
                               const remit_async *async, int64_t *out_last, remit_blob **out_events,
                               remit_error **out_error) {
    const Call made{
        .engine = engine, .async = async, .out_error = out_error, .out_text = out_events, .out_i64 = out_last};
    return call(made, [&](Inputs &in) {
        in.output(out_events, "out_events");
        return [who = in.text(consumer, consumer_len, "consumer"),
                most = event_count == 0 ? 100 : event_count](Engine &on) -> Result<Answer> {
            REMIT_TRY(const auto events, on.events().next(who, most));
            return Answer{events.empty() ? 0 : events.back().position, to_json(std::span<const Event>(events))};
        };
    });
}

remit_status remit_events_ack(remit_engine *engine, const char *consumer, size_t consumer_len, int64_t position,
                              const remit_async *async, remit_error **out_error) {
    return call({.engine = engine, .async = async, .out_error = out_error}, [&](Inputs &in) {
        return [who = in.text(consumer, consumer_len, "consumer"), position](Engine &on) {
            return done(on.events().ack(who, position));
        };
    });
}

}  // extern "C"
