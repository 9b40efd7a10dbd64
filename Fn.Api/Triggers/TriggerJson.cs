using Fn.Api.Annotations;
using Fn.Api.Json;

namespace Fn.Api.Triggers;

/// <summary>A trigger as answers show it.</summary>
internal static class TriggerJson
{
    /// <param name="json">Where to.</param>
    /// <param name="trigger">The trigger.</param>
    /// <param name="appUrl">The URL of its app's triggers, without a slash at its end; null where an answer has no endpoint.</param>
    public static void Write(JsonTextWriter json, Trigger trigger, string? appUrl)
    {
        json.StartObject();
        json.Field("id", trigger.Id);
        json.Field("name", trigger.Name);
        json.Field("app_id", trigger.AppId);
        json.Field("fn_id", trigger.FunctionId);
        json.Field("created_at", trigger.CreatedAt);
        json.Field("updated_at", trigger.UpdatedAt);
        json.Field("type", trigger.Type);
        json.Field("source", trigger.Source);
        var annotations = appUrl is null
            ? trigger.Annotations
            : EndpointAnnotations.With(trigger.Annotations, EndpointAnnotations.HttpTrigger, appUrl + trigger.Source);
        if (!annotations.IsEmpty)
        {
            json.Name("annotations");
            StringMap.WriteValues(json, annotations);
        }
        json.EndObject();
    }
}
