using Fn.Api.Http;

namespace Fn.Api.Triggers;

internal static class TriggerErrors
{
    public static readonly ApiError IdGiven = new(400, "ID cannot be provided for Trigger creation");
    public static readonly ApiError CreatedAtGiven = new(400, "Trigger Created At Provided for Create");
    public static readonly ApiError UpdatedAtGiven = new(400, "Trigger ID Provided for Create");
    public static readonly ApiError IdMismatch = new(400, "ID in path does not match ID in body");
    public static readonly ApiError MissingAppId = new(400, "Missing App ID on Trigger");
    public static readonly ApiError MissingName = new(400, "Missing name on Trigger");
    public static readonly ApiError NameTooLong = new(400, "Trigger name must be 255 characters or less");
    public static readonly ApiError InvalidName = new(400, "Invalid name for Trigger");
    public static readonly ApiError MissingFunctionId = new(400, "Missing Fn ID on Trigger");
    public static readonly ApiError InvalidType = new(400, "Trigger Type Not Supported");
    public static readonly ApiError MissingSource = new(400, "Missing Trigger Source");
    public static readonly ApiError SourceWithoutSlash = new(400, "Missing Trigger Source Prefix '/'");
    public static readonly ApiError SourceTooLong = new(400, $"Trigger source must be {TriggerRules.MaxSourceBytes} bytes or less");
    public static readonly ApiError FunctionOfOtherApp = new(400, "Invalid Fn ID - not owned by specified app");
    public static readonly ApiError NotFound = new(404, "Trigger not found");
    public static readonly ApiError SourceExists = new(409, "Trigger with the same type and source exists on this app");
    public static readonly ApiError Exists = new(409, "Trigger already exists");
}
