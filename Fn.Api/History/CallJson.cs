using System.Globalization;
using Fn.Api.Json;
using Fn.ServiceDefaults.Contracts;

namespace Fn.Api.History;

/// <summary>Calls as answers show them. Times are milliseconds.</summary>
internal static class CallJson
{
    public static void Write(JsonTextWriter json, CallRecord call)
    {
        json.StartObject();
        json.Field("id", call.CallId);
        json.Field("fn_id", call.FunctionId);
        json.Field("received_at", call.ReceivedAt);
        json.Field("status", call.Status);
        Optional(json, "error", call.Error?.ToString());
        json.Field("start", call.StartName);
        Flag(json, "detached", call.Detached);
        Optional(json, "runner_id", call.RunnerId);
        Optional(json, "container_id", call.ContainerId);
        Optional(json, "trace_id", call.TraceId);
        Milliseconds(json, "total", call.Total);
        Milliseconds(json, "queue", call.Queue);
        Milliseconds(json, "starting", call.Start);
        Milliseconds(json, "run", call.Run);
        Optional(json, "wait_reason", call.WaitReason);
        Optional(json, "start_reason", call.StartReason);
        Optional(json, "eviction_reason", call.EvictionReason);
        json.Name("phases");
        json.StartArray();
        foreach (var (phase, at) in call.Phases)
        {
            json.StartObject();
            json.Field("phase", NameOf(phase));
            Milliseconds(json, "at", at / 1000.0);
            json.EndObject();
        }
        json.EndArray();
        json.EndObject();
    }

    public static void Write(JsonTextWriter json, CallCosts costs)
    {
        json.StartObject();
        json.Field("calls", costs.Calls);
        json.Field("cold", costs.Cold);
        json.Field("failed", costs.Failed);
        Milliseconds(json, "starting", costs.ColdMilliseconds);
        json.EndObject();
    }

    /// <summary>A phase as answers name it.</summary>
    public static string NameOf(CallPhase phase) => phase switch
    {
        CallPhase.Received => "received",
        CallPhase.Placed => "placed",
        CallPhase.Taken => "taken",
        CallPhase.StartGranted => "start_granted",
        CallPhase.Pulled => "pulled",
        CallPhase.Created => "created",
        CallPhase.Started => "started",
        CallPhase.Ready => "ready",
        CallPhase.SlotTaken => "slot_taken",
        CallPhase.Answered => "answered",
        _ => "ended",
    };

    private static void Optional(JsonTextWriter json, string name, string? value)
    {
        if (value is not null)
            json.Field(name, value);
    }

    private static void Flag(JsonTextWriter json, string name, bool value)
    {
        if (!value)
            return;
        json.Name(name);
        json.Raw("true");
    }

    private static void Milliseconds(JsonTextWriter json, string name, double value)
    {
        json.Name(name);
        json.Raw(Math.Round(value, 3).ToString(CultureInfo.InvariantCulture));
    }
}
