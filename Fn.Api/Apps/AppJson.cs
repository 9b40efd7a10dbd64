using Fn.Api.Json;

namespace Fn.Api.Apps;

/// <summary>An app as answers show it.</summary>
internal static class AppJson
{
    public static void Write(JsonTextWriter json, App app)
    {
        json.StartObject();
        json.Field("id", app.Id);
        json.Field("name", app.Name);
        if (!app.Config.IsEmpty)
        {
            json.Name("config");
            StringMap.WriteStrings(json, app.Config);
        }
        if (!app.Annotations.IsEmpty)
        {
            json.Name("annotations");
            StringMap.WriteValues(json, app.Annotations);
        }
        if (app.SyslogUrl is not null)
            json.Field("syslog_url", app.SyslogUrl);
        if (app.Shape.Length > 0)
            json.Field("shape", app.Shape);
        json.Field("created_at", app.CreatedAt);
        json.Field("updated_at", app.UpdatedAt);
        json.EndObject();
    }
}
